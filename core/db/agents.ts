import type { Knex } from "knex";
import type { Agent, AgentConfig, Catalog, Skill } from "../agents/agent.ts";

export async function loadCatalog(db: Knex): Promise<Catalog> {
	const agents = await db.raw<{ rows: Agent[] }>(
		"select id, title, summary, persona, skills from agents where enabled order by place, id",
	);
	const skills = await db.raw<{ rows: Skill[] }>(
		"select id, title, summary, guidance from skills where enabled order by id",
	);
	return { agents: agents.rows, skills: skills.rows };
}

export async function listAgentConfigs(db: Knex, accountId: string): Promise<readonly AgentConfig[]> {
	const { rows } = await db.raw<{
		rows: { agent_id: string; enabled: boolean; skills: string[]; custom_soul: string | null }[];
	}>(
		"select agent_id, enabled, skills, custom_soul from agent_configs where account_id = ? order by updated_at desc",
		[accountId],
	);
	return rows.map((row) => ({
		agentId: row.agent_id,
		enabled: row.enabled,
		skills: row.skills,
		customSoul: row.custom_soul ?? undefined,
	}));
}

/**
 * Sets one agent up for an account, or anew. skills undefined: those the account chose before, else the agent's own; skills
 * that do not exist or are switched off are left out. False when there is no such agent.
 */
export async function upsertAgentConfig(
	db: Knex,
	config: {
		readonly accountId: string;
		readonly agentId: string;
		readonly skills: readonly string[] | undefined;
	},
): Promise<boolean> {
	const { rows } = await db.raw<{ rows: unknown[] }>(
		`insert into agent_configs as c (account_id, agent_id, skills)
		select :accountId, a.id, array(
			select s.id from skills s where s.enabled and s.id = any(coalesce(:skills::text[], a.skills)) order by s.id)
		from agents a where a.id = :agentId and a.enabled
		on conflict (account_id, agent_id) do update set enabled = true, updated_at = clock_timestamp(),
			skills = case when :skills::text[] is null then c.skills else excluded.skills end
		returning 1`,
		{ accountId: config.accountId, agentId: config.agentId, skills: config.skills ?? null },
	);
	return rows.length > 0;
}

/** agentId undefined: the plain assistant answers in this lane. */
export async function chooseLaneAgent(
	db: Knex,
	choice: { readonly lane: string; readonly accountId: string; readonly agentId: string | undefined },
): Promise<void> {
	await db.raw(
		`insert into account_lanes (lane, account_id, agent_chosen, agent_id) values (:lane, :accountId, true, :agentId)
		on conflict (lane, account_id) do update set agent_chosen = true, agent_id = excluded.agent_id`,
		{ lane: choice.lane, accountId: choice.accountId, agentId: choice.agentId ?? null },
	);
}

/** False when the agent was never set up for the account. soul undefined: none. */
export async function setCustomSoul(
	db: Knex,
	accountId: string,
	agentId: string,
	soul: string | undefined,
): Promise<boolean> {
	const { rows } = await db.raw<{ rows: unknown[] }>(
		`update agent_configs set custom_soul = ?, updated_at = clock_timestamp()
		where account_id = ? and agent_id = ? returning 1`,
		[soul ?? null, accountId, agentId],
	);
	return rows.length > 0;
}
