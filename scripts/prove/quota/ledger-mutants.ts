import type { LedgerWorld } from "../../../core/testing/ledger-world.ts";

type Change = { readonly signature: string; readonly from: string; readonly to: string };

const RESERVE = "ledger_reserve(uuid[], bigint[], bigint[], bigint[], bigint[])";
const HOLD = "ledger_hold(uuid, bigint, bigint, bigint, bigint, timestamptz)";
const SETTLE = "ledger_settle(uuid[], bigint[])";
const SETTLE_ONE = "ledger_settle_one(uuid, bigint, timestamptz)";
const LOCK_OF = "ledger_lock_accounts_of(uuid[])";
const EXPIRE = "ledger_expire(integer)";
const NEXT_DAY = "ledger_next_day(text, text, timestamptz, timestamptz)";

const DAY_BOUNDS = "ledger_day_bounds(text, timestamptz)";

const LOCK = "for no key update";
const BURN_ORDER = "order by x.ends_at, x.id";

/** Ways to break the ledger: what to replace in which function of its database. */
const MUTANTS = {
	/** Nobody waits for anybody. */
	"no-account-lock": [RESERVE, SETTLE, LOCK_OF].map((signature) => ({
		signature,
		from: LOCK,
		to: "",
	})),
	/** The sweep finds nothing: what a dead process held stays held. */
	"no-release": [{ signature: EXPIRE, from: "expires_at < v_now", to: "expires_at < '-infinity'" }],
	/** What a dead node's calls spent of its lease is given back with the rest. */
	"dead-is-free": [{ signature: EXPIRE, from: "and s.spent > 0", to: "and false" }],
	/** Who settles again is charged again. */
	"double-settle": [
		{ signature: SETTLE_ONE, from: "r.state in ('posted', 'voided') or", to: "" },
		{ signature: SETTLE_ONE, from: "r.state = 'pending' then", to: "r.state <> 'expired' then" },
	],
	/** What comes after the expiry costs nothing. */
	"late-is-free": [
		{ signature: SETTLE_ONE, from: "r.state = 'expired' and p_actual = 0", to: "r.state = 'expired'" },
	],
	/** What lasts longest is burnt first. */
	"burn-order": [RESERVE, HOLD].map((signature) => ({
		signature,
		from: BURN_ORDER,
		to: "order by x.ends_at desc, x.id",
	})),
	/** The reservation does not say what the house paid. */
	"overrun-forgotten": [{ signature: SETTLE_ONE, from: "overrun := v_left", to: "overrun := 0" }],
	/** A new zone begins its own day at once, however short the last one's distance is. */
	"hop-at-once": [{ signature: NEXT_DAY, from: "elsif p_zone_next is null then", to: "else" }],
	/** From the local date alone, as if every date began once and at midnight. */
	"plain-day": [
		{ signature: DAY_BOUNDS, from: "then x.day - 1", to: "then x.day" },
		{ signature: DAY_BOUNDS, from: "then x.day + 1", to: "then x.day" },
	],
} as const satisfies Readonly<Record<string, readonly Change[]>>;

export type LedgerMutant = keyof typeof MUTANTS;

/** Nothing to do without a mutant. @throws Error when the function is not as the mutant knows it */
export async function breakLedger(
	world: Pick<LedgerWorld, "breakFunction">,
	mutant: string | undefined,
): Promise<void> {
	if (mutant === undefined) return;
	for (const { signature, from, to } of MUTANTS[mutant as LedgerMutant]) {
		await world.breakFunction(signature, from, to);
	}
}
