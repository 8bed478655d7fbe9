import type { IntentMatch } from "../intents/intent.ts";
import type { Agent, Catalog, Skill } from "./agent.ts";

/** More than this is no recommendation. */
const AGENTS_MAX = 3;

/** skills: what the matching rules name for the agents, and what goes with the first of them. */
export type Recommendation = { readonly agents: readonly Agent[]; readonly skills: readonly Skill[] };

/** What to offer to somebody whose message met these rules, best first; only what exists and is switched on. Pure. */
export function recommend(matches: readonly IntentMatch[], catalog: Catalog): Recommendation {
	const agentIds = [...new Set(matches.flatMap((match) => match.agents))];
	const agents = agentIds
		.map((id) => catalog.agents.find((agent) => agent.id === id))
		.filter((agent) => agent !== undefined)
		.slice(0, AGENTS_MAX);
	const skillIds = new Set([...matches.flatMap((match) => match.skills), ...(agents[0]?.skills ?? [])]);
	return { agents, skills: catalog.skills.filter((skill) => skillIds.has(skill.id)) };
}
