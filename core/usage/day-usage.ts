import type { Knex } from "knex";
import { usageBySource } from "../db/usage.ts";
import type { Balance, Ledger } from "../ledger/ledger.ts";
import { startOfDay } from "../zones/start-of-day.ts";
import type { SourceUsage } from "./usage.ts";

/** What an account has, and what it spent on what since its day began. */
export type DayUsage = {
	/** Midnight in the account's own zone. */
	readonly since: Date;
	readonly balance: Balance;
	/** Most expensive first. */
	readonly sources: readonly SourceUsage[];
};

export async function readDayUsage(
	{ db, ledger }: { readonly db: Knex; readonly ledger: Pick<Ledger, "balance"> },
	accountId: string,
	now: Date,
): Promise<DayUsage> {
	const balance = await ledger.balance(accountId);
	const since = startOfDay(now, balance.zone);
	return { since, balance, sources: await usageBySource(db, accountId, since) };
}
