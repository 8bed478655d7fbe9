import type { Knex } from "knex";
import type {
	AccountContext,
	SubscriptionContext,
	TurnContext,
	TurnContextRow,
	TurnKey,
} from "../accounts/account.ts";
import { runPrepared } from "./run-prepared.ts";

const LOAD = { name: "turn_contexts", sql: "select * from turn_contexts(?, ?, ?, ?)" };

/** One context a key, in the order of the keys; undefined for a sender never seen. One statement for all. */
export async function loadTurnContexts(
	db: Knex,
	keys: readonly TurnKey[],
): Promise<readonly (TurnContext | undefined)[]> {
	const rows = await runPrepared<TurnContextRow>(db, LOAD, [
		keys.map((key) => key.platform),
		keys.map((key) => key.botId),
		keys.map((key) => key.userId),
		keys.map((key) => key.lane),
	]);
	const contexts = new Array<TurnContext | undefined>(keys.length).fill(undefined);
	for (const row of rows) contexts[Number(row.place) - 1] = toContext(row);
	return contexts;
}

function toContext(row: TurnContextRow): TurnContext {
	return {
		account: toAccount(row),
		isStaff: row.is_staff,
		reachable: row.reachable,
		displayName: row.display_name ?? undefined,
		dialogues: row.dialogues ?? [],
	};
}

function toAccount(row: TurnContextRow): AccountContext | undefined {
	if (row.account_id === null || row.status === null || row.status === "deleted") return undefined;
	return {
		accountId: row.account_id,
		status: row.status,
		language: row.language,
		zone: row.zone ?? "UTC",
		policy: row.policy,
		routeOrder: row.route_order,
		onboarded: row.onboarded,
		subscription: toSubscription(row),
		conversationStartsAfter: row.starts_after_id,
		agent:
			row.agent_id === null
				? undefined
				: {
						agentId: row.agent_id,
						skills: row.agent_skills,
						customSoul: row.custom_soul ?? undefined,
					},
		instance:
			row.instance_id === null
				? undefined
				: {
						instanceId: row.instance_id,
						host: row.instance_host,
						generation: Number(row.instance_generation),
						phase: row.instance_phase,
					},
	};
}

function toSubscription(row: TurnContextRow): SubscriptionContext | undefined {
	if (row.subscription_id === null) return undefined;
	return {
		subscriptionId: row.subscription_id,
		live: row.subscription_live,
		endsAt: row.ends_at ?? undefined,
		dailyTokens: Number(row.daily_tokens ?? 0),
		planName: row.plan_name,
		instanceKind: row.instance_kind,
		caller: {
			planId: row.plan_id,
			priority: row.priority,
			concurrency: row.concurrency,
			busyStrategy: row.busy_strategy,
		},
	};
}
