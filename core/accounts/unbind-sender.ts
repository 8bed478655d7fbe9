import type { Knex } from "knex";
import { findHabits } from "../db/accounts.ts";
import { findSenderAccount, listSenders, setSenderAccount } from "../db/senders.ts";
import { AppError } from "../errors.ts";
import type { Sender } from "../pipeline/message.ts";
import { lockWithSender, openAccountFor } from "./join-sender.ts";

/**
 * Takes a sender out of a shared account and gives him one of his own, with the same language and zone, on the free plan and
 * without a grant for today: the day's tokens were the shared account's. What he said before stays with that account.
 *
 * Where only invited people get accounts he gets none: otherwise everybody inside could make as many as he likes, each with a
 * grant of its own, by linking strangers who then leave.
 *
 * @param accountId the account to leave; a turn repeated after a crash finds that it has left already
 * @returns out: he has no account now; only-sender: nobody else writes for the account, so there is nothing to leave
 */
export async function unbindSender(
	db: Knex,
	pepper: string,
	sender: Sender,
	accountId: string,
	mode: "auto" | "invite" = "auto",
): Promise<"unbound" | "out" | "only-sender"> {
	return await db.transaction(async (trx) => {
		const left = mode === "invite" ? "out" : "unbound";
		if ((await findSenderAccount(trx, sender)) !== accountId) return left;
		await lockWithSender(trx, sender, accountId);
		if ((await listSenders(trx, accountId)).length <= 1) return "only-sender";
		if (mode === "invite") {
			await setSenderAccount(trx, sender, null);
			return left;
		}
		const habits = await findHabits(trx, accountId);
		if (habits === undefined) throw new AppError("INTERNAL", `no quota account ${accountId}`);
		await openAccountFor(trx, { sender, ...habits, pepper, startsTomorrow: true });
		return left;
	});
}
