import { deepStrictEqual } from "node:assert/strict";
import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { AppError } from "../../errors.ts";
import { changeDailyGrant, changeZone } from "../../ledger/accounts.ts";
import { grant, refund } from "../../ledger/grants.ts";
import type { ReserveOutcome, SettleOutcome } from "../../ledger/ledger.ts";
import { MICRO } from "../../ledger/ledger.ts";
import { pruneReservations } from "../../ledger/sweep.ts";
import type { LedgerWorld } from "../ledger-world.ts";
import type { Model, ModelZone, Reserved, SettleCall, Settled } from "./ledger-model.ts";
import * as inMemory from "./ledger-model.ts";

/** The account of one history in the real ledger. */
export type Real = { readonly world: LedgerWorld; readonly account: string; readonly ids: string[] };

/** One thing that happens to both ledgers. @throws AssertionError where they answer differently */
export type Step = { run(model: Model, real: Real): Promise<void>; toString(): string };

const SECOND = 1_000;
const TTL = 120 * SECOND;
const EXPIRE_MAX = 500;

/** Reservations are named by their number in the history; a number not reached yet names one that is unknown. */
function idOf(real: Real, nth: number): string {
	while (real.ids.length <= nth) real.ids.push(randomUUID());
	return real.ids[nth] ?? "";
}

const nth = fc.nat({ max: 12 });
const tokens = fc.nat({ max: 900 });
const someTokens = fc.integer({ min: 1, max: 900 });
const settlements = fc.array(fc.tuple(nth, tokens), { minLength: 1, maxLength: 6 });

export const steps: fc.Arbitrary<Step> = fc.oneof(
	{ weight: 5, arbitrary: fc.tuple(nth, tokens, someTokens).map(reserveStep) },
	{ weight: 2, arbitrary: fc.array(fc.tuple(nth, someTokens), { maxLength: 5 }).map(reserveTogetherStep) },
	{ weight: 5, arbitrary: fc.tuple(nth, tokens).map(settleStep) },
	{ weight: 2, arbitrary: settlements.map(settleTogetherStep) },
	{ weight: 1, arbitrary: settlements.map(takenBackStep) },
	{
		weight: 2,
		arbitrary: fc
			.constantFrom(SECOND, TTL, TTL + 1, inMemory.HOUR, 11 * inMemory.HOUR, inMemory.DAY, 3 * inMemory.DAY)
			.map(waitStep),
	},
	{ weight: 2, arbitrary: fc.constant(null).map(expireStep) },
	{
		weight: 1,
		arbitrary: fc
			.tuple(fc.nat({ max: 3 }), fc.constantFrom(inMemory.HOUR, 2 * inMemory.DAY + 1))
			.map(grantStep),
	},
	{ weight: 1, arbitrary: fc.constantFrom(0, 300, 1000, 2500).map(planStep) },
	{ weight: 1, arbitrary: fc.constantFrom(...inMemory.MODEL_ZONES).map(zoneStep) },
	{ weight: 1, arbitrary: nth.map(refundStep) },
	{ weight: 1, arbitrary: nth.map(heartbeatStep) },
	{ weight: 1, arbitrary: fc.constant(null).map(longAwayStep) },
);

function toStep(name: string, run: Step["run"]): Step {
	return { run, toString: () => name };
}

function reserveStep([n, atLeast, wanted]: [number, number, number]): Step {
	return toStep(`reserve(${n}, ${atLeast}..${wanted})`, async (model, real) => {
		const id = idOf(real, n);
		const minimum = Math.min(atLeast, wanted);
		const expected = toReserveOutcome(inMemory.reserve(model, { id, minimum, wanted, ttlMs: TTL }));
		const held = await real.world.hold(real.account, wanted, { id, atLeast: minimum, ttlMs: TTL });
		deepStrictEqual(held, expected);
	});
}

/** Calls of one moment share a statement and are served in the order they came. */
function reserveTogetherStep(calls: readonly [number, number][]): Step {
	const name = `together(${calls.map(([n, wanted]) => `reserve(${n}, ${wanted})`)})`;
	return toStep(name, async (model, real) => {
		const expected = calls.map(([n, wanted]) =>
			toReserveOutcome(inMemory.reserve(model, { id: idOf(real, n), minimum: wanted, wanted, ttlMs: TTL })),
		);
		const outcomes = calls.map(
			async ([n, wanted]) => await real.world.hold(real.account, wanted, { id: idOf(real, n), ttlMs: TTL }),
		);
		deepStrictEqual(await Promise.all(outcomes), expected);
	});
}

function settleStep([n, actual]: [number, number]): Step {
	return toStep(`settle(${n}, ${actual})`, async (model, real) => {
		const id = idOf(real, n);
		const expected = toSettleOutcome(inMemory.settle(model, { id, actual }));
		deepStrictEqual(await real.world.settle(id, actual), expected);
	});
}

function toCalls(real: Real, calls: readonly [number, number][]): readonly SettleCall[] {
	return calls.map(([n, actual]) => ({ id: idOf(real, n), actual }));
}

async function settleIn(real: Real, calls: readonly SettleCall[], fate: "kept" | "taken back") {
	const asked = calls.map(({ id, actual }) => ({ reservationId: id, actualMicro: actual * MICRO }));
	const trx = await real.world.db.transaction();
	try {
		return await real.world.ledger.settleIn(trx, asked);
	} finally {
		if (fate === "kept") await trx.commit();
		else await trx.rollback();
	}
}

function settleTogetherStep(calls: readonly [number, number][]): Step {
	const name = `together(${calls.map(([n, actual]) => `settle(${n}, ${actual})`)})`;
	return toStep(name, async (model, real) => {
		const asked = toCalls(real, calls);
		const expected = inMemory.settleTogether(model, asked).map(toSettleOutcome);
		deepStrictEqual(await settleIn(real, asked, "kept"), expected);
	});
}

/** The caller's transaction fails after it has settled: nothing was charged. */
function takenBackStep(calls: readonly [number, number][]): Step {
	const name = `taken back(${calls.map(([n, actual]) => `settle(${n}, ${actual})`)})`;
	return toStep(name, async (_, real) => {
		await settleIn(real, toCalls(real, calls), "taken back");
	});
}

async function advance(model: Model, real: Real, ms: number): Promise<void> {
	model.now += ms;
	await real.world.setClock(new Date(model.now));
}

function waitStep(ms: number): Step {
	return toStep(`wait(${ms / SECOND} s)`, async (model, real) => await advance(model, real, ms));
}

function expireStep(): Step {
	return toStep("expire()", async (model, real) => {
		inMemory.expire(model);
		// what earlier histories left behind is in the way
		while ((await real.world.ledger.expire(EXPIRE_MAX)) === EXPIRE_MAX);
	});
}

function grantStep([n, lastsMs]: [number, number]): Step {
	return toStep(`grant(${n}, ${lastsMs / inMemory.HOUR} h)`, async (model, real) => {
		const [externalId, endsAt] = [`${real.account}:${model.now}:${n}`, model.now + lastsMs];
		const request = { accountId: real.account, kind: "pack", tokens: 100 + n, source: "model" } as const;
		const outcome = await grant(real.world.db, { ...request, externalId, endsAt: new Date(endsAt) }).catch(
			(error: unknown) => error,
		);
		// the second one of a moment is a duplicate, or one with another end that is refused
		if ((outcome as { kind?: string }).kind === "granted") inMemory.grant(model, 100 + n, endsAt);
	});
}

function planStep(daily: number): Step {
	return toStep(`plan(${daily})`, async (model, real) => {
		inMemory.changeDailyGrant(model, daily);
		await changeDailyGrant(real.world.db, real.account, daily);
	});
}

function zoneStep(zone: ModelZone): Step {
	return toStep(`zone(${zone})`, async (model, real) => {
		const changed = await changeZone(real.world.db, real.account, zone).then(
			() => true,
			(error: unknown) => {
				if (error instanceof AppError && error.code === "REQUEST_INVALID") return false;
				throw error;
			},
		);
		deepStrictEqual(changed, inMemory.changeZone(model, zone));
	});
}

function refundStep(n: number): Step {
	return toStep(`refund(${n})`, async (model, real) => {
		const id = idOf(real, n);
		const outcome = await refund(real.world.db, { reservationId: id, source: "model" });
		deepStrictEqual(outcome.kind, inMemory.refund(model, id));
	});
}

function heartbeatStep(n: number): Step {
	return toStep(`heartbeat(${n})`, async (model, real) => {
		const id = idOf(real, n);
		inMemory.heartbeat(model, id, TTL);
		await real.world.ledger.heartbeat([id], TTL);
	});
}

/** Long enough for resolved reservations to be forgotten, whose ids nobody uses again. */
function longAwayStep(): Step {
	return toStep("away(41 days)", async (model, real) => {
		await advance(model, real, 41 * inMemory.DAY);
		const gone = new Set(inMemory.prune(model));
		await pruneReservations(real.world.db);
		for (const [n, id] of real.ids.entries()) if (gone.has(id)) real.ids[n] = randomUUID();
	});
}

function toReserveOutcome(reserved: Reserved): ReserveOutcome {
	const amountMicro = reserved.amount * MICRO;
	switch (reserved.kind) {
		case "insufficient":
			return { kind: "insufficient", availableMicro: amountMicro };
		case "reserved":
			return { kind: "reserved", amountMicro };
		case "duplicate":
			return { kind: "duplicate", state: reserved.state, amountMicro };
	}
}

function toSettleOutcome(settled: Settled): SettleOutcome {
	if (settled.kind === "unknown") return { kind: "unknown" };
	const amounts = { chargedMicro: settled.charged * MICRO, overrunMicro: settled.overrun * MICRO };
	if (settled.kind === "settled") return { kind: "settled", ...amounts };
	if (settled.state === "pending") throw new Error("a pending reservation is not resolved already");
	return { kind: "already", state: settled.state, ...amounts };
}
