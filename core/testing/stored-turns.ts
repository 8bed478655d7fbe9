import { createHash, randomUUID } from "node:crypto";
import type { Knex } from "knex";
import type { Sender, TurnResult } from "../pipeline/message.ts";

/** A stored event as if a worker had handled it. @returns its inbox id */
export async function insertEvent(
	db: Knex,
	event: {
		readonly sender: Pick<Sender, "platform" | "botId">;
		readonly lane: string;
		readonly body: unknown;
		readonly result?: TurnResult | undefined;
		readonly status?: string;
	},
): Promise<string> {
	const { sender, lane, result, status = "done" } = event;
	const body = JSON.stringify(event.body);
	await db.raw("insert into lanes (lane, has_work) values (?, false) on conflict do nothing", [lane]);
	const { rows } = await db.raw<{ rows: { id: string }[] }>(
		`insert into inbox (platform, bot_id, event_id, lane, body, body_hash, status, result)
		values (?, ?, ?, ?, ?, ?, ?, ?) returning id`,
		[
			sender.platform,
			sender.botId,
			randomUUID(),
			lane,
			body,
			createHash("sha256").update(body).digest(),
			status,
			result === undefined ? null : JSON.stringify(result),
		],
	);
	const [row] = rows;
	if (row === undefined) throw new Error("not inserted");
	return row.id;
}

/** One row of usage_log: 10 tokens in, 20 out. */
export async function insertUsage(
	db: Knex,
	usage: {
		readonly accountId: string;
		readonly inboxId?: string;
		readonly reservationId?: string;
		readonly source?: string;
		readonly chargedMicro?: number;
		readonly outcome?: string;
	},
): Promise<void> {
	await db("usage_log").insert({
		account_id: usage.accountId,
		inbox_id: usage.inboxId ?? null,
		reservation_id: usage.reservationId ?? randomUUID(),
		channel: "telegram",
		source: usage.source ?? "chat",
		provider_id: "demo",
		model: "demo",
		region: "local",
		policy: "BEST",
		input_tokens: 10,
		output_tokens: 20,
		tokens_origin: "reported",
		charged_micro: usage.chargedMicro ?? 1_000_000,
		latency_ms: 1,
		outcome: usage.outcome ?? "complete",
	});
}
