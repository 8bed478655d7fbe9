import type { Knex } from "knex";
import type { Catalog } from "../agents/agent.ts";
import { toAgentWords } from "../agents/agent-profiles.ts";
import { listAgentConfigs } from "../db/agents.ts";
import { findInstanceOwner } from "../db/instance-owner.ts";
import type { ChosenSkill } from "../db/instance-skills.ts";
import { listChosenSkills } from "../db/instance-skills.ts";
import { AppError } from "../errors.ts";
import type { AgentReach, InstanceTerms } from "./adapters/adapter.ts";
import type { InstanceSafe } from "./instance-secrets.ts";

export type TermsDeps = {
	readonly db: Knex;
	readonly safe: Pick<InstanceSafe, "open">;
	/** Where our gateway is, as seen from a cell of this host; with /v1. */
	readonly gatewayUrl: (host: string) => Promise<string>;
	readonly loadCatalog: () => Promise<Catalog>;
	readonly reach: AgentReach;
};

/**
 * What an instance is to be: its account's agents, or those everybody has while it is nobody's, our gateway as its only provider, and its own secrets.
 *
 * @throws AppError INSTANCE_NOT_FOUND
 */
export async function findTerms(
	{ db, safe, gatewayUrl, loadCatalog, reach }: TermsDeps,
	{ instanceId, host }: { readonly instanceId: string; readonly host: string },
): Promise<InstanceTerms> {
	const owner = await findInstanceOwner(db, instanceId);
	if (owner === undefined) throw new AppError("INSTANCE_NOT_FOUND", "there is no such instance");
	const { accountId } = owner;
	const [url, { modelKey, token }, catalog, configs, skills] = await Promise.all([
		gatewayUrl(host),
		safe.open(instanceId),
		loadCatalog(),
		accountId === undefined ? [] : listAgentConfigs(db, accountId),
		accountId === undefined ? [] : listChosenSkills(db, accountId),
	]);
	return {
		...{ gatewayUrl: url, modelKey, token, zone: owner.zone, reach },
		agents: toProfiles(toAgentWords(configs, catalog, owner.language), skills),
		skillFiles: skills.flatMap(({ id, content }) => (content === undefined ? [] : [{ id, content }])),
		heartbeatMinutes: owner.heartbeatMinutes,
	};
}

/** What an account has is there for all of its agents. */
function toProfiles(
	[first, ...others]: ReturnType<typeof toAgentWords>,
	chosen: readonly ChosenSkill[],
): InstanceTerms["agents"] {
	const skills = chosen.map(({ id }) => id);
	return [{ ...first, skills }, ...others.map((words) => ({ ...words, skills }))];
}
