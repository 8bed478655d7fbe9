import { once } from "node:events";
import { writeSync } from "node:fs";
import { createDb } from "../../../core/db/connect.ts";
import { changeDailyGrant } from "../../../core/ledger/accounts.ts";
import { createLedger } from "../../../core/ledger/create-ledger.ts";
import { grant, refund } from "../../../core/ledger/grants.ts";
import { MICRO } from "../../../core/ledger/ledger.ts";
import { createRandom } from "../prove-options.ts";
import type { MemberStart } from "./client-crew.ts";
import type { QuotaRun } from "./quota-ids.ts";
import { countNumbers, toAccount, toCallId, toNumber } from "./quota-ids.ts";
import type { Word } from "./quota-word.ts";
import { GRANT_SOURCE, PACK_TOKENS } from "./quota-word.ts";

/**
 * A process with clients of the ledger, which does whatever a node can do and some of what it should not: the same call from
 * several processes, settlements of others' calls, too much, too late, twice. It is killed at any moment; what it was told
 * until then stands on its standard output.
 */
const start = JSON.parse(process.argv[2] ?? "{}") as QuotaRun & MemberStart;
const random = createRandom(start.seed + 7_919 * (start.number + 1));
const db = createDb(start.url, { poolMax: 4, applicationName: "rockpool-proof-client" });
const ledger = createLedger({ db });

/** The ledger's own least. */
const TTL_MS = 1_000;
const RECENT = countNumbers(180);
const LATE_MIN = countNumbers(1_100);
const LATE_MORE = countNumbers(3_000);
const HOUR_MS = 3_600_000;

type Act = () => Promise<void>;

const upTo = (max: number): number => Math.trunc(random() * max);
const recent = (): number => Math.max(0, toNumber(start, Date.now()) - upTo(RECENT));
const late = (): number => Math.max(0, toNumber(start, Date.now()) - LATE_MIN - upTo(LATE_MORE));

function say(word: Word): void {
	// At once and in one piece: the next instruction may be the last.
	writeSync(1, `${JSON.stringify(word)}\n`);
}

/** Less than was held, all of it, more, or nothing. */
function toActual(heldMicro: number): number {
	const dice = random();
	if (dice < 0.1) return 0;
	if (dice < 0.2) return heldMicro;
	if (dice < 0.45) return heldMicro + upTo(1_500) * MICRO;
	return Math.trunc(heldMicro * random());
}

async function turn(): Promise<void> {
	const number = recent();
	const id = toCallId(start, number);
	const wanted = 1 + upTo(2_000);
	const outcome = await ledger.reserve({
		reservationId: id,
		accountId: toAccount(start, number),
		minimumMicro: (random() < 0.5 ? wanted : 1) * MICRO,
		wantedMicro: wanted * MICRO,
		ttlMs: TTL_MS,
	});
	say({ about: "reserve", id, outcome });
	if (outcome.kind === "insufficient" || random() < 0.2) return;
	await settle(number, toActual(outcome.amountMicro));
}

async function settle(number: number, actualMicro: number): Promise<void> {
	const id = toCallId(start, number);
	say({
		about: "settle",
		id,
		actualMicro,
		outcome: await ledger.settle({ reservationId: id, actualMicro }),
	});
}

/** Several in a transaction, as a checkpoint does it; some checkpoints fail. */
async function checkpoint(): Promise<void> {
	const settlements = Array.from({ length: 1 + upTo(6) }, () => ({
		reservationId: toCallId(start, recent()),
		actualMicro: toActual(upTo(1_000) * MICRO),
	}));
	const trx = await db.transaction();
	const outcomes = await ledger.settleIn(trx, settlements).catch(async (error: unknown) => {
		await trx.rollback();
		throw error;
	});
	if (random() < 0.25) {
		await trx.rollback();
		return;
	}
	await trx.commit();
	for (const [at, { reservationId: id, actualMicro }] of settlements.entries()) {
		const outcome = outcomes[at];
		if (outcome !== undefined) say({ about: "settle", id, actualMicro, outcome });
	}
}

async function giveBack(): Promise<void> {
	const id = toCallId(start, random() < 0.5 ? late() : recent());
	const { kind } = await refund(db, { reservationId: id, source: "proof" });
	say({ about: "refund", id, kind });
}

async function giveMore(): Promise<void> {
	const number = recent();
	const externalId = String(number);
	const { kind } = await grant(db, {
		accountId: toAccount(start, number),
		kind: "pack",
		tokens: PACK_TOKENS,
		source: GRANT_SOURCE,
		externalId,
		endsAt: new Date(start.startedAtMs + HOUR_MS),
	});
	say({ about: "grant", externalId, kind });
}

const ACTS: readonly (readonly [weight: number, act: Act])[] = [
	[50, turn],
	[14, async () => await settle(recent(), toActual(upTo(1_000) * MICRO))],
	[12, async () => await settle(late(), toActual(upTo(1_000) * MICRO))],
	[8, checkpoint],
	[
		4,
		async () =>
			await ledger.heartbeat(
				[recent(), recent(), late()].map((n) => toCallId(start, n)),
				TTL_MS,
			),
	],
	[2, async () => void (await ledger.expire(100))],
	[4, giveBack],
	[6, giveMore],
	[1, async () => await changeDailyGrant(db, toAccount(start, recent()), 3_000 + upTo(3_000))],
	[1, async () => void (await ledger.balance(toAccount(start, recent())))],
];
/** Each act as often as its weight. */
const DECK = ACTS.flatMap(([weight, act]) => Array.from({ length: weight }, () => act));

async function client(): Promise<never> {
	for (;;) {
		try {
			await (DECK[upTo(DECK.length)] ?? turn)();
		} catch (error) {
			say({ about: "error", text: String(error).slice(0, 300), atMs: Date.now() });
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	}
}

// A spare waits here; and it ends with its parent, whose end closes the input.
process.stdin.on("end", () => process.exit());
await once(process.stdin, "data");
process.stdin.resume();
await Promise.all(Array.from({ length: start.clients }, client));
