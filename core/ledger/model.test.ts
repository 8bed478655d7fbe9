import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { LedgerWorld } from "../testing/ledger-world.ts";
import { createLedgerWorld } from "../testing/ledger-world.ts";
import { changeDailyGrant } from "./accounts.ts";
import { grant, refund } from "./grants.ts";
import { MICRO } from "./ledger.ts";

/**
 * The ledger against a second one in memory that is as simple as possible: random histories must end alike, step by step.
 * LEDGER_MODEL_SEED and LEDGER_MODEL_RUNS replay and lengthen; fast-check prints seed and path of a counter-example.
 */
const RUNS = Number(process.env["LEDGER_MODEL_RUNS"] ?? 40);
const SEED = Number(process.env["LEDGER_MODEL_SEED"] ?? Math.trunc(Math.random() * 2 ** 31));

const SECOND = 1_000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const TTL = 120 * SECOND;
const START = Date.parse("2026-11-20T12:00:00Z");

type Bucket = { startsAt: number; endsAt: number; granted: number; posted: number; pending: number };
type Reservation = {
	state: "pending" | "posted" | "voided" | "expired";
	amount: number;
	lines: { bucket: Bucket; amount: number }[];
	charged: number;
	overrun: number;
	expiresAt: number;
	refunded: boolean;
};
type Model = {
	now: number;
	daily: number;
	buckets: Bucket[];
	reservations: Map<string, Reservation>;
};

/** Tokens throughout; the account's zone is UTC. */
function createModel(daily: number): Model {
	return { now: START, daily, buckets: [], reservations: new Map() };
}

const free = (bucket: Bucket): number => bucket.granted - bucket.posted - bucket.pending;

function live(model: Model): Bucket[] {
	const midnight = Math.floor(model.now / DAY) * DAY;
	if (model.daily > 0 && !model.buckets.some((bucket) => bucket.startsAt === midnight)) {
		model.buckets.push({
			startsAt: midnight,
			endsAt: midnight + DAY,
			granted: model.daily,
			posted: 0,
			pending: 0,
		});
	}
	return model.buckets
		.filter((bucket) => bucket.startsAt <= model.now && bucket.endsAt > model.now)
		.sort((a, b) => a.endsAt - b.endsAt);
}

function available(model: Model): number {
	return live(model).reduce((total, bucket) => total + free(bucket), 0);
}

function modelReserve(model: Model, id: string, minimum: number, wanted: number): object {
	const old = model.reservations.get(id);
	if (old !== undefined) return { kind: "duplicate", state: old.state, amountMicro: old.amount * MICRO };
	const total = available(model);
	if (total < minimum || total === 0) return { kind: "insufficient", availableMicro: total * MICRO };
	const amount = Math.min(total, wanted);
	const lines: Reservation["lines"] = [];
	let left = amount;
	for (const bucket of live(model)) {
		const take = Math.min(left, free(bucket));
		if (take === 0) continue;
		bucket.pending += take;
		lines.push({ bucket, amount: take });
		left -= take;
	}
	const rest = { charged: 0, overrun: 0, expiresAt: model.now + TTL, refunded: false };
	model.reservations.set(id, { state: "pending", amount, lines, ...rest });
	return { kind: "reserved", amountMicro: amount * MICRO };
}

function modelSettle(model: Model, id: string, actual: number): object {
	const reservation = model.reservations.get(id);
	if (reservation === undefined) return { kind: "unknown" };
	const { state } = reservation;
	if (state === "posted" || state === "voided" || (state === "expired" && actual === 0)) {
		return {
			kind: "already",
			state,
			chargedMicro: reservation.charged * MICRO,
			overrunMicro: reservation.overrun * MICRO,
		};
	}
	let left = actual;
	for (const line of state === "pending" ? reservation.lines : []) {
		const use = Math.min(left, line.amount);
		line.bucket.pending -= line.amount;
		line.bucket.posted += use;
		left -= use;
	}
	for (const bucket of left > 0 ? live(model) : []) {
		const use = Math.min(left, free(bucket));
		bucket.posted += use;
		left -= use;
	}
	reservation.state = actual === 0 ? "voided" : "posted";
	reservation.charged = actual - left;
	reservation.overrun = left;
	return { kind: "settled", chargedMicro: (actual - left) * MICRO, overrunMicro: left * MICRO };
}

function modelExpire(model: Model): void {
	for (const reservation of model.reservations.values()) {
		if (reservation.state !== "pending" || reservation.expiresAt >= model.now) continue;
		for (const line of reservation.lines) line.bucket.pending -= line.amount;
		reservation.state = "expired";
	}
}

function modelRefund(model: Model, id: string): string {
	const reservation = model.reservations.get(id);
	if (reservation?.state !== "posted" || reservation.charged === 0) return "nothing";
	if (reservation.refunded) return "already";
	reservation.refunded = true;
	const end = model.now + 30 * DAY;
	const empty = { posted: 0, pending: 0 };
	model.buckets.push({ startsAt: model.now, endsAt: end, granted: reservation.charged, ...empty });
	return "refunded";
}

type Real = { readonly world: LedgerWorld; readonly account: string; readonly ids: string[] };
type Step = { run(model: Model, real: Real): Promise<void>; toString(): string };

/** Reservations are named by their number in the history; a number not reached yet names one that is unknown. */
function idOf(real: Real, nth: number): string {
	while (real.ids.length <= nth) real.ids.push(randomUUID());
	return real.ids[nth] ?? "";
}

const tokens = fc.nat({ max: 900 });
const nth = fc.nat({ max: 12 });

const steps: fc.Arbitrary<Step> = fc.oneof(
	{ weight: 5, arbitrary: fc.tuple(nth, tokens, fc.integer({ min: 1, max: 900 })).map(reserveStep) },
	{
		weight: 2,
		arbitrary: fc.array(fc.tuple(nth, fc.integer({ min: 1, max: 500 })), { maxLength: 5 }).map(batchStep),
	},
	{ weight: 5, arbitrary: fc.tuple(nth, tokens).map(settleStep) },
	{
		weight: 2,
		arbitrary: fc.constantFrom(SECOND, TTL, TTL + 1, HOUR, 11 * HOUR, DAY, 3 * DAY).map(waitStep),
	},
	{ weight: 2, arbitrary: fc.constant(null).map(expireStep) },
	{ weight: 1, arbitrary: fc.tuple(fc.nat({ max: 3 }), fc.constantFrom(HOUR, 2 * DAY + 1)).map(grantStep) },
	{ weight: 1, arbitrary: fc.constantFrom(0, 300, 1000, 2500).map(planStep) },
	{ weight: 1, arbitrary: nth.map(refundStep) },
	{ weight: 1, arbitrary: nth.map(heartbeatStep) },
);

function toStep(name: string, run: Step["run"]): Step {
	return { run, toString: () => name };
}

function reserveStep([n, minimum, wanted]: [number, number, number]): Step {
	return toStep(`reserve(${n}, ${minimum}..${wanted})`, async (model, real) => {
		const id = idOf(real, n);
		const least = Math.min(minimum, wanted);
		const expected = modelReserve(model, id, least, wanted);
		expect(await real.world.hold(real.account, wanted, { id, atLeast: least, ttlMs: TTL })).toEqual(expected);
	});
}

/** Calls of one moment share a statement and are served in the order they came. */
function batchStep(calls: readonly [number, number][]): Step {
	return toStep(
		`together(${calls.map(([n, wanted]) => `reserve(${n}, ${wanted})`)})`,
		async (model, real) => {
			const expected = calls.map(([n, wanted]) => modelReserve(model, idOf(real, n), wanted, wanted));
			const outcomes = calls.map(
				async ([n, wanted]) => await real.world.hold(real.account, wanted, { id: idOf(real, n), ttlMs: TTL }),
			);
			expect(await Promise.all(outcomes)).toEqual(expected);
		},
	);
}

function settleStep([n, actual]: [number, number]): Step {
	return toStep(`settle(${n}, ${actual})`, async (model, real) => {
		const id = idOf(real, n);
		const expected = modelSettle(model, id, actual);
		expect(await real.world.settle(id, actual)).toEqual(expected);
	});
}

function waitStep(ms: number): Step {
	return toStep(`wait(${ms / SECOND} s)`, async (model, real) => {
		model.now += ms;
		await real.world.setClock(new Date(model.now));
	});
}

function expireStep(): Step {
	return toStep("expire()", async (model, real) => {
		modelExpire(model);
		await real.world.ledger.expire(500);
	});
}

function grantStep([n, lasts]: [number, number]): Step {
	return toStep(`grant(${n}, ${lasts / HOUR} h)`, async (model, real) => {
		const [externalId, endsAt] = [`${real.account}:${model.now}:${n}`, model.now + lasts];
		const outcome = await grant(real.world.db, {
			accountId: real.account,
			kind: "pack",
			tokens: 100 + n,
			source: "model",
			externalId,
			endsAt: new Date(endsAt),
		}).catch((error: unknown) => error);
		if ((outcome as { kind?: string }).kind !== "granted") return;
		model.buckets.push({ startsAt: model.now, endsAt, granted: 100 + n, posted: 0, pending: 0 });
	});
}

function planStep(daily: number): Step {
	return toStep(`plan(${daily})`, async (model, real) => {
		live(model);
		const midnight = Math.floor(model.now / DAY) * DAY;
		const today = model.buckets.find(
			(bucket) => bucket.startsAt === midnight && bucket.endsAt === midnight + DAY,
		);
		if (today !== undefined) today.granted = Math.max(today.granted, daily);
		model.daily = daily;
		await changeDailyGrant(real.world.db, real.account, daily);
	});
}

function refundStep(n: number): Step {
	return toStep(`refund(${n})`, async (model, real) => {
		const id = idOf(real, n);
		const outcome = await refund(real.world.db, { reservationId: id, source: "model" });
		expect(outcome.kind).toBe(modelRefund(model, id));
	});
}

function heartbeatStep(n: number): Step {
	return toStep(`heartbeat(${n})`, async (model, real) => {
		const id = idOf(real, n);
		const reservation = model.reservations.get(id);
		if (reservation?.state === "pending") reservation.expiresAt = model.now + TTL;
		await real.world.ledger.heartbeat([id], TTL);
	});
}

let world: LedgerWorld;
beforeAll(async () => {
	world = await createLedgerWorld();
});
afterAll(async () => await world.destroy());

test(`the ledger does what its model does (seed ${SEED}, ${RUNS} runs)`, async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 40 }), async (history) => {
			const model = createModel(1000);
			await world.setClock(new Date(START));
			const real = { world, account: await world.openAccount({ dailyTokens: 1000 }), ids: [] };
			for (const step of history) {
				await step.run(model, real);
				expect(await world.availableTokens(real.account)).toBe(available(model));
			}
			expect(await world.violations()).toEqual([]);
		}),
		{ seed: SEED, numRuns: RUNS },
	);
}, 120_000);
