import type { Knex } from "knex";
import type { AgentConfig, Catalog } from "../agents/agent.ts";
import { toAgentWords } from "../agents/agent-profiles.ts";
import { listAgentConfigs } from "../db/agents.ts";
import { findInstanceOwner } from "../db/instance-owner.ts";
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
	const [url, { modelKey, token }, catalog, configs] = await Promise.all([
		gatewayUrl(host),
		safe.open(instanceId),
		loadCatalog(),
		owner.accountId === undefined ? [] : listAgentConfigs(db, owner.accountId),
	]);
	return {
		...{ gatewayUrl: url, modelKey, token, zone: owner.zone, reach },
		agents: toProfiles(configs, catalog, owner.language),
		heartbeatMinutes: owner.heartbeatMinutes,
	};
}

function toProfiles(
	configs: readonly AgentConfig[],
	catalog: Catalog,
	language: Parameters<typeof toAgentWords>[2],
): InstanceTerms["agents"] {
	const [first, ...others] = toAgentWords(configs, catalog, language);
	return [{ ...first, skills: [] }, ...others.map((words) => ({ ...words, skills: [] }))];
}
