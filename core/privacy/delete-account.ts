import type { Knex } from "knex";
import type { SenderKey } from "../accounts/account.ts";
import { hashSender } from "../accounts/sender-hash.ts";
import { closeAccount, eraseBelongings, eraseEvents, listAllSenders } from "../db/erasure.ts";
import { findGrantEnd } from "../db/ledger-days.ts";
import { endActiveSubscription, lockAccount } from "../db/subscriptions.ts";
import { rememberSenders } from "../db/tombstones.ts";
import { changeDailyGrant, hasPending } from "../ledger/accounts.ts";

/**
 * Forgets a person: words, names, settings, keys, codes and dialogues go at once; usage and ledger rows stay without them.
 * A keyed hash of each sender is kept for 30 days, so that coming back is no second grant for the day and no way out of a ban.
 * Events still unfinished (the one that asked for this) go with the retention of 30 days (source: security S39).
 *
 * @returns busy while a call is under way or a program calls every few seconds: nothing was deleted, try again in two minutes.
 */
export async function deleteAccount(
	db: Knex,
	pepper: string,
	accountId: string,
): Promise<"deleted" | "busy"> {
	return await db.transaction(async (trx) => {
		const status = await lockAccount(trx, accountId);
		if (status === undefined || status === "deleted") return "deleted";
		if (await hasPending(trx, accountId)) return "busy";
		const senders = await listAllSenders(trx, accountId);
		await eraseAccount(trx, { accountId, pepper, banned: status === "banned", senders });
		return "deleted";
	});
}

/** The account is locked, has no pending reservation, and `senders` are all who still write for it or did until now. */
export async function eraseAccount(
	trx: Knex.Transaction,
	request: {
		readonly accountId: string;
		readonly pepper: string;
		readonly banned: boolean;
		readonly senders: readonly SenderKey[];
	},
): Promise<void> {
	const { accountId, pepper, banned, senders } = request;
	const persons = senders.filter((sender) => sender.platform !== "http");
	await rememberSenders(
		trx,
		persons.map((sender) => hashSender(pepper, sender)),
		{ noGrantUntil: await findGrantEnd(trx, accountId), banned },
	);
	await eraseEvents(trx, accountId, senders);
	await eraseBelongings(trx, accountId);
	await endActiveSubscription(trx, accountId);
	await changeDailyGrant(trx, accountId, 0);
	await closeAccount(trx, accountId);
}
