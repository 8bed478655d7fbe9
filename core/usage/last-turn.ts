import type { Knex } from "knex";
import type { SenderKey } from "../accounts/account.ts";
import { listFinishedTurns } from "../db/usage.ts";
import type { Inbound, TurnResult } from "../pipeline/message.ts";
import type { StoredTurn } from "./usage.ts";

/** Finished events looked through: more commands in a row than this hide the turn before them. */
const TURNS_MAX = 30;

export type LastTurn = {
	readonly inboxId: string;
	/** What the person wrote. */
	readonly text: string;
	/** Undefined when it was dead-lettered. */
	readonly result: TurnResult | undefined;
	readonly receivedAt: Date;
	/** True when it ended in an error or was cut by the provider: then repeating it is refunded. */
	readonly failed: boolean;
};

/**
 * The sender's last message to the model in this lane and what it came to. Commands, buttons and answers of a dialogue do
 * not count. `toInbound` is the channel's own, over what it stored.
 */
export async function findLastTurn(
	db: Knex,
	lane: string,
	sender: SenderKey,
	toInbound: (turn: StoredTurn) => Inbound,
): Promise<LastTurn | undefined> {
	for (const turn of await listFinishedTurns(db, lane, TURNS_MAX)) {
		if (!isModelTurn(turn)) continue;
		const { sender: author, content } = toInbound(turn);
		const isOwn =
			author?.platform === sender.platform &&
			author.botId === sender.botId &&
			author.userId === sender.userId;
		if (!isOwn || content.kind !== "text") continue;
		return {
			inboxId: turn.inboxId,
			text: content.text,
			result: turn.result,
			receivedAt: turn.receivedAt,
			failed: turn.status === "dead" || turn.result?.error !== undefined || turn.cut,
		};
	}
	return undefined;
}

/** A model answered, or one should have. Failures of commands (a wrong bind code) have other codes. */
function isModelTurn({ status, result }: StoredTurn): boolean {
	if (status === "dead") return true;
	const code = result?.error?.code;
	if (code === undefined) return result?.usage !== undefined;
	return code === "INTERNAL" || code.startsWith("ROUTER_") || code.startsWith("BILLING_");
}
