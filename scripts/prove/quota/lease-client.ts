import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createDb } from "../../../core/db/connect.ts";
import { settleWithUsage } from "../../../core/inbox/write-usage.ts";
import { createLedger } from "../../../core/ledger/create-ledger.ts";
import type { LeaseExchange } from "../../../core/ledger/exchange-lease.ts";
import { exchangeLease } from "../../../core/ledger/exchange-lease.ts";
import type { Ledger } from "../../../core/ledger/ledger.ts";
import { MICRO } from "../../../core/ledger/ledger.ts";
import { RESERVATION_TTL_MS } from "../../../core/models/heartbeats.ts";
import type { UsageEntry } from "../../../core/models/model-call.ts";
import { openLeases } from "../../compose/leases.ts";
import { createRandom } from "../prove-options.ts";
import type { MemberStart } from "./client-crew.ts";
import type { LeaseWord } from "./lease-word.ts";

/**
 * A node's quota leases with callers: what they can they pay from a lease, the rest with reservations of their own, as the
 * gateway does. SIGTERM ends it as it ends a node; what it told until then stands on its standard output.
 */
export type LeaseRun = { readonly url: string; readonly seed: number; readonly accounts: readonly string[] };

const start = JSON.parse(process.argv[2] ?? "{}") as LeaseRun & MemberStart;
const random = createRandom(start.seed + 7_919 * (start.number + 1));
const db = createDb(start.url, { poolMax: 4, applicationName: "rockpool-proof-leases" });
const trueLedger = createLedger({ db, gatherMs: 0 });
const ledger: Ledger = {
	...trueLedger,
	reserve: async (request) => {
		const outcome = await trueLedger.reserve(request);
		if (outcome.kind !== "insufficient") say({ about: "held", id: request.reservationId });
		return outcome;
	},
};
/** As over a network: calls end before the exchange of their lease has come through, and before its answer is back. */
async function exchange(asked: LeaseExchange): Promise<boolean> {
	await sleep(upTo(EXCHANGE_MS_MAX));
	const isDone = await exchangeLease(db, asked);
	await sleep(upTo(EXCHANGE_MS_MAX));
	return isDone;
}
const leases = openLeases({ db, ledger, relayLedger: ledger, onTrouble: noteTrouble, exchange });
let isStopping = false;

const HOLD_TOKENS_MIN = 20;
const HOLD_TOKENS_MORE = 40;
const CALL_MS_MAX = 40;
/** Some calls are long: a lease that is recalled is exchanged under them. */
const LONG = 0.05;
const LONG_MS = 400;
const EXCHANGE_MS_MAX = 40;
/** Calls that came to nothing. */
const FAILED = 0.08;

const upTo = (max: number): number => Math.trunc(random() * max);

function say(word: LeaseWord): void {
	// At once and in one piece: the next instruction may be the last.
	writeSync(1, `${JSON.stringify(word)}\n`);
}

function noteTrouble(message: string, error: unknown): void {
	say({ about: "error", text: `${message}: ${String(error)}`.slice(0, 300), atMs: Date.now() });
}

async function call(): Promise<void> {
	const accountId = start.accounts[upTo(start.accounts.length)] ?? "";
	const heldMicro = (HOLD_TOKENS_MIN + upTo(HOLD_TOKENS_MORE)) * MICRO;
	const id = randomUUID();
	const chargedMicro = random() < FAILED ? 0 : 1 + Math.trunc((heldMicro - 1) * random());
	const share = await leases.take(accountId, heldMicro);
	const isLeased = share !== undefined;
	if (!isLeased && !(await hold(id, accountId, heldMicro))) return;
	await sleep(random() < LONG ? LONG_MS : upTo(CALL_MS_MAX));
	const usage = toUsage(accountId, id, chargedMicro);
	if (isLeased) share.end(chargedMicro, chargedMicro === 0 ? undefined : usage);
	else if (chargedMicro === 0) await ledger.settle({ reservationId: id, actualMicro: 0 });
	else await settleWithUsage(db, [{ settlement: { reservationId: id, actualMicro: chargedMicro }, usage }]);
	if (chargedMicro > 0) say({ about: "call", id, accountId, chargedMicro, isLeased, atMs: Date.now() });
}

/** Whoever falls short asks this node's leases first. */
async function hold(reservationId: string, accountId: string, micro: number): Promise<boolean> {
	const asked = {
		reservationId,
		accountId,
		minimumMicro: micro,
		wantedMicro: micro,
		ttlMs: RESERVATION_TTL_MS,
	};
	let outcome = await ledger.reserve(asked);
	if (outcome.kind === "insufficient" && (await leases.recall(accountId)))
		outcome = await ledger.reserve(asked);
	if (outcome.kind === "insufficient") say({ about: "refused", accountId });
	return outcome.kind !== "insufficient";
}

function toUsage(accountId: string, reservationId: string, chargedMicro: number): UsageEntry {
	return {
		...{ accountId, inboxId: undefined, reservationId, channel: "http", source: "api", agentId: undefined },
		...{ providerId: "vendor", model: "model", region: "us", policy: "BEST", tokensOrigin: "reported" },
		...{ inputTokens: 1, outputTokens: 1, chargedMicro, firstTokenMs: 1, latencyMs: 2 },
		...{ outcome: "complete", errorCode: undefined },
	};
}

async function client(): Promise<void> {
	while (!isStopping) {
		try {
			await call();
		} catch (error) {
			noteTrouble("a call", error);
			await sleep(50);
		}
	}
}

// A spare waits here; and it ends with its parent, whose end closes the input.
process.stdin.on("end", () => process.exit());
process.on("SIGTERM", () => {
	isStopping = true;
});
await once(process.stdin, "data");
process.stdin.resume();
await Promise.all(Array.from({ length: start.clients }, client));
await leases.close();
await db.destroy();
process.exit();
