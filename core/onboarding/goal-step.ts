import type { Button } from "../pipeline/message.ts";
import { onboardingTexts } from "../texts/onboarding.ts";
import { say } from "../texts/say.ts";
import type { OnboardingFacts } from "./draft.ts";
import type { Step } from "./step.ts";
import { toButtonRows } from "./step.ts";

/** Agents offered as buttons; more would be a catalogue, and /agents is one. */
const AGENTS_MAX = 6;
/** Button of the plain assistant; no agent id is this short. */
const NO_AGENT = "-";

/** Step 2: what the person says he wants picks the agent and its skills, or a button does. */
export function createGoalStep({ agents, suggest }: Pick<OnboardingFacts, "agents" | "suggest">): Step {
	const offered = agents.slice(0, AGENTS_MAX);
	return {
		ask({ language }) {
			const buttons: Button[] = offered.map(({ id, title }) => ({
				label: say(title, language),
				data: `ob:goal:${id}`,
			}));
			buttons.push({ label: say(onboardingTexts.goalChat, language), data: `ob:goal:${NO_AGENT}` });
			const rows = offered.map(({ title, summary }) =>
				say(onboardingTexts.goalRow, language, {
					title: say(title, language),
					summary: say(summary, language),
				}),
			);
			const markdown = [say(onboardingTexts.goal, language), ...rows].join("\n");
			return { markdown, buttons: toButtonRows(buttons, 2) };
		},
		answerText(text, draft) {
			const { agents: found, skills } = suggest(text);
			const [agent] = found;
			// Nothing fits: the plain assistant does, whatever it is about.
			if (agent === undefined) return { draft: { ...draft, agentId: null, skills: null } };
			return { draft: { ...draft, agentId: agent.id, skills: skills.map(({ id }) => id) } };
		},
		answerButton(value, draft) {
			if (value === NO_AGENT) return { draft: { ...draft, agentId: null, skills: null } };
			const isOffered = offered.some(({ id }) => id === value);
			return isOffered ? { draft: { ...draft, agentId: value, skills: null } } : undefined;
		},
	};
}
