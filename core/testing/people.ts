import { randomInt, randomUUID } from "node:crypto";
import type { Knex } from "knex";
import { joinSender } from "../accounts/join-sender.ts";
import { createLedger } from "../ledger/create-ledger.ts";
import { MICRO } from "../ledger/ledger.ts";
import type { Chat, Platform, Sender } from "../pipeline/message.ts";
import { activateSubscription } from "../plans/activate-subscription.ts";

/** The pepper of tests. */
export const PEPPER = "test-pepper";

/** Somebody nobody has seen before. */
export function makeSender(platform: Platform = "telegram", displayName = "Ann"): Sender {
	return { platform, botId: "7", userId: String(randomInt(1, 2 ** 47)), displayName };
}

export function privateChat(sender: Sender): Chat {
	return { platform: sender.platform, botId: sender.botId, id: sender.userId, kind: "private" };
}

export function privateLane(sender: Sender): string {
	return `${sender.platform}:${sender.botId}:${sender.userId}`;
}

/** The account of a sender on the free plan. */
export async function joinAs(db: Knex, sender: Sender): Promise<string> {
	const outcome = await joinSender(db, {
		sender,
		mode: "auto",
		language: "en",
		zone: "UTC",
		staff: false,
		pepper: PEPPER,
	});
	if (outcome.kind !== "joined") throw new Error("not joined");
	return outcome.accountId;
}

/** As if it had bought the plan for a month. @returns the account */
export async function subscribe(db: Knex, accountId: string, planId = "pro_40"): Promise<string> {
	await db.transaction(
		async (trx) => await activateSubscription(trx, { accountId, planId, months: 1, source: "test" }),
	);
	return accountId;
}

/** Whole tokens the account could spend now. */
export async function availableTokens(db: Knex, accountId: string): Promise<number> {
	return (await createLedger({ db }).balance(accountId)).availableMicro / MICRO;
}

/** Spends whole tokens, which opens the day. @returns the reservation */
export async function spendTokens(db: Knex, accountId: string, tokens: number): Promise<string> {
	const reservationId = await reserveTokens(db, accountId, tokens);
	await createLedger({ db }).settle({ reservationId, actualMicro: tokens * MICRO });
	return reservationId;
}

/** A call under way. @returns the reservation */
export async function reserveTokens(db: Knex, accountId: string, tokens: number): Promise<string> {
	const reservationId = randomUUID();
	const amount = tokens * MICRO;
	const outcome = await createLedger({ db }).reserve({
		reservationId,
		accountId,
		minimumMicro: amount,
		wantedMicro: amount,
		ttlMs: 60_000,
	});
	if (outcome.kind !== "reserved") throw new Error(`not reserved: ${outcome.kind}`);
	return reservationId;
}
