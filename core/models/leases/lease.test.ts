import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { LeaseFigures } from "./lease.ts";
import { Lease } from "./lease.ts";

const AMOUNT = 1_000;
const USABLE_MS = 100;

function makeLease(amountMicro = AMOUNT): Lease {
	return new Lease({ id: "first", accountId: "1", amountMicro, nowMs: 0, usableMs: USABLE_MS });
}

test("a lease gives out what it has and not one more", () => {
	const lease = makeLease();
	expect(lease.take(600, 0)).toBe(true);
	expect(lease.take(401, 0)).toBe(false);
	expect(lease.take(400, 0)).toBe(true);
	lease.end(600, 100, 0);
	expect([lease.leftMicro, lease.dueMicro, lease.calls]).toEqual([500, 100, 1]);
});

test("a lease whose time is over, or that is closed, gives nothing", () => {
	expect(makeLease().take(1, USABLE_MS)).toBe(false);
	const lease = makeLease();
	lease.close();
	expect(lease.take(1, 0)).toBe(false);
});

test("a call that cost more than it held is paid from what is left, and beyond that by whoever settles", () => {
	const lease = makeLease();
	lease.take(100, 0);
	lease.take(200, 0);
	lease.end(100, 900, 0);
	expect([lease.heldMicro, lease.leftMicro, lease.dueMicro]).toEqual([200, 0, 900]);
});

type Step =
	| { readonly kind: "take"; readonly micro: number }
	| { readonly kind: "end"; readonly at: number; readonly charged: number }
	| { readonly kind: "freeze" }
	| { readonly kind: "exchanged" };

const steps = fc.array(
	fc.oneof<fc.Arbitrary<Step>[]>(
		fc.record({ kind: fc.constant("take" as const), micro: fc.integer({ min: 1, max: 600 }) }),
		fc.record({ kind: fc.constant("end" as const), at: fc.nat(9), charged: fc.nat(1_500) }),
		fc.record({ kind: fc.constant("freeze" as const) }),
		fc.record({ kind: fc.constant("exchanged" as const) }),
	),
	{ maxLength: 60 },
);

test("whatever its calls hold, cost and outlive: no token is given out twice and none is lost", () => {
	fc.assert(
		fc.property(steps, (history) => {
			const run: Run = { lease: makeLease(), held: [], chargedMicro: 0, settledMicro: 0, before: undefined };
			for (const step of history) {
				apply(run, step);
				const { lease, held, chargedMicro, settledMicro } = run;
				expect(lease.heldMicro).toBe(held.reduce((sum, micro) => sum + micro, 0));
				expect(lease.leftMicro).toBeGreaterThanOrEqual(0);
				expect(settledMicro + lease.dueMicro).toBe(chargedMicro);
			}
		}),
		{ numRuns: 1_000 },
	);
});

type Run = {
	readonly lease: Lease;
	readonly held: number[];
	chargedMicro: number;
	settledMicro: number;
	before: LeaseFigures | undefined;
};

function apply(run: Run, step: Step): void {
	const { lease, held, before } = run;
	if (step.kind === "take" && lease.take(step.micro, 0)) held.push(step.micro);
	if (step.kind === "freeze") run.before ??= lease.freeze();
	if (step.kind === "end" && held.length > 0) {
		const [micro = 0] = held.splice(step.at % held.length, 1);
		lease.end(micro, step.charged, 0);
		run.chargedMicro += step.charged;
	}
	if (step.kind !== "exchanged" || before === undefined) return;
	lease.exchanged("next", before);
	run.settledMicro += before.spentMicro + before.overMicro;
	run.before = undefined;
}
