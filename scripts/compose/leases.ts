import type { Knex } from "knex";
import { writeLeasedUsage } from "../../core/inbox/write-usage.ts";
import { exchangeLease } from "../../core/ledger/exchange-lease.ts";
import type { Ledger } from "../../core/ledger/ledger.ts";
import { createHeartbeats } from "../../core/models/heartbeats.ts";
import type { LeaseBook } from "../../core/models/leases/lease-book.ts";
import { createLeaseBook } from "../../core/models/leases/lease-book.ts";
import { createUsageRows } from "../../core/models/leases/usage-rows.ts";

export type LeaseParts = {
	readonly db: Knex;
	readonly ledger: Ledger;
	/** For what a call waits for. */
	readonly relayLedger: Ledger;
	readonly onTrouble: (message: string, error: unknown) => void;
};

/** Quota leases over PostgreSQL, with heartbeats of their own. */
export function openLeases({ db, ledger, relayLedger, onTrouble }: LeaseParts): LeaseBook {
	const heartbeats = createHeartbeats(ledger, onTrouble);
	const book = createLeaseBook({
		ledger: {
			reserve: relayLedger.reserve,
			balance: relayLedger.balance,
			// Nobody waits for it, and many end together.
			settle: ledger.settle,
		},
		exchange: async (exchange) => await exchangeLease(db, exchange),
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
