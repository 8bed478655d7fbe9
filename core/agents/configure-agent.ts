import type { Knex } from "knex";
import { chooseLaneAgent, setCustomSoul, upsertAgentConfig } from "../db/agents.ts";
import { AppError } from "../errors.ts";

const SOUL_LENGTH_MAX = 20_000;

export type AgentRequest = {
	readonly accountId: string;
	readonly agentId: string;
	/** Undefined: those that go with the agent. Unknown ones are left out. */
	readonly skills?: readonly string[] | undefined;
	/** The chat it answers in from now on; undefined: every chat in which nothing else was chosen. */
	readonly lane?: string;
};

/** Sets an agent up and lets it answer. The same request twice is the same as once. */
export async function configureAgent(db: Knex, request: AgentRequest): Promise<"configured" | "unknown"> {
	const { accountId, agentId, skills, lane } = request;
	return await db.transaction(async (trx) => {
		if (!(await upsertAgentConfig(trx, { accountId, agentId, skills }))) return "unknown";
		if (lane !== undefined) await chooseLaneAgent(trx, { lane, accountId, agentId });
		return "configured";
	});
}

/** Back to the plain assistant in this chat; what was set up stays. */
export async function clearAgent(db: Knex, accountId: string, lane: string): Promise<void> {
	await chooseLaneAgent(db, { lane, accountId, agentId: undefined });
}

/**
 * The user's own words about how an agent of his should be.
 *
 * @throws AppError REQUEST_INVALID (details.field "soul") when they are too long or no text.
 */
export async function changeSoul(
	db: Knex,
	request: { readonly accountId: string; readonly agentId: string; readonly soul: string | undefined },
): Promise<"changed" | "unknown"> {
	const { accountId, agentId, soul } = request;
	if (soul !== undefined && (soul.length > SOUL_LENGTH_MAX || soul.includes("\0") || !soul.isWellFormed())) {
		throw new AppError("REQUEST_INVALID", `a soul is text of at most ${SOUL_LENGTH_MAX} characters`, {
			details: { field: "soul", max: SOUL_LENGTH_MAX },
		});
	}
	return (await setCustomSoul(db, accountId, agentId, soul)) ? "changed" : "unknown";
}
