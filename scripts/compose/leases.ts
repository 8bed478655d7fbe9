import type { Knex } from "knex";
import { writeLeasedUsage } from "../../core/inbox/write-usage.ts";
import { exchangeLease } from "../../core/ledger/exchange-lease.ts";
import type { Ledger } from "../../core/ledger/ledger.ts";
import { createHeartbeats } from "../../core/models/heartbeats.ts";
import type { LeaseBook, LeaseBookDeps } from "../../core/models/leases/lease-book.ts";
import { createLeaseBook } from "../../core/models/leases/lease-book.ts";
import { createUsageRows } from "../../core/models/leases/usage-rows.ts";

export type LeaseParts = {
	readonly db: Knex;
	readonly ledger: Ledger;
	/** For what a call waits for. */
	readonly relayLedger: Ledger;
	readonly onTrouble: (message: string, error: unknown) => void;
	/** Over `db`, unless a proof has one of its own. */
	readonly exchange?: LeaseBookDeps["exchange"];
};

/** Quota leases over PostgreSQL, with heartbeats of their own. */
export function openLeases(parts: LeaseParts): LeaseBook {
	const { db, ledger, relayLedger, onTrouble } = parts;
	const heartbeats = createHeartbeats(ledger, onTrouble);
	const book = createLeaseBook({
		ledger: {
			reserve: relayLedger.reserve,
			balance: relayLedger.balance,
			// Nobody waits for it, and many end together.
			settle: ledger.settle,
		},
		exchange: parts.exchange ?? (async (exchange) => await exchangeLease(db, exchange)),
		rows: createUsageRows({
			write: async (entries) => await writeLeasedUsage(db, entries),
			onTrouble,
		}),
		...{ heartbeats, onTrouble },
	});
	return {
		...book,
		close: async () => {
			await book.close();
			heartbeats.close();
		},
	};
}
