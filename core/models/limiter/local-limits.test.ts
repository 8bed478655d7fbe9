import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Gate } from "./limits.ts";
import { createLocalLimits } from "./local-limits.ts";

function gate(requestsPerMinute: number, tokensPerMinute: number, concurrency = 1_000): Gate {
	return { key: "p:kimi", concurrency, rates: { requestsPerMinute, tokensPerMinute } };
}

test("no more calls at a time than the gate has room for", () => {
	const limits = createLocalLimits(() => 0);
	const request = { permitId: "1", gates: [gate(1_000, 1e9, 2)], tokens: 1 };
	expect(limits.take(request).kind).toBe("taken");
	expect(limits.take(request).kind).toBe("taken");
	expect(limits.take(request)).toEqual({
		kind: "full",
		gateKey: "p:kimi",
		retryAfterMs: Number.POSITIVE_INFINITY,
	});
	limits.release(request, 0);
	expect(limits.take(request).kind).toBe("taken");
});

test("whatever the times of asking, no minute sees more requests or tokens than allowed", () => {
	const asks = fc.array(fc.record({ pauseMs: fc.nat(4_000), tokens: fc.integer({ min: 1, max: 200 }) }), {
		maxLength: 300,
	});
	fc.assert(
		fc.property(asks, fc.integer({ min: 10, max: 100 }), (drawn, requestsPerMinute) => {
			let now = 0;
			const tokensPerMinute = requestsPerMinute * 100;
			const limits = createLocalLimits(() => now);
			const passed: { at: number; tokens: number }[] = [];
			for (const { pauseMs, tokens } of drawn) {
				now += pauseMs;
				const request = { permitId: "x", gates: [gate(requestsPerMinute, tokensPerMinute)], tokens };
				if (limits.take(request).kind === "taken") passed.push({ at: now, tokens });
			}
			for (const first of passed) {
				const minute = passed.filter(({ at }) => at >= first.at && at < first.at + 60_000);
				expect(minute.length).toBeLessThanOrEqual(requestsPerMinute);
				const tokens = minute.reduce((sum, call) => sum + call.tokens, 0);
				// One call may overdraw the bucket; the next ones pay for it.
				expect(tokens).toBeLessThanOrEqual(tokensPerMinute + 200);
			}
		}),
	);
});

test("a steady caller gets what the minute allows beyond the burst", () => {
	let now = 0;
	const limits = createLocalLimits(() => now);
	let passed = 0;
	for (; now < 600_000; now += 50) {
		if (limits.take({ permitId: "x", gates: [gate(100, 1e9)], tokens: 1 }).kind === "taken") passed += 1;
	}
	expect(passed).toBeGreaterThan(790);
	expect(passed).toBeLessThan(830);
});

test("tells how long the rates take, and keeps its word", () => {
	let now = 0;
	const limits = createLocalLimits(() => now);
	const request = { permitId: "x", gates: [gate(60, 6_000)], tokens: 900 };
	expect(limits.take(request).kind).toBe("taken");
	expect(limits.take(request)).toMatchObject({ kind: "full", retryAfterMs: expect.any(Number) });
	now += limits.waitMs(gate(60, 6_000));
	const outcome = limits.take(request);
	now += outcome.kind === "full" ? outcome.retryAfterMs : 0;
	expect(limits.take(request).kind).toBe("taken");
});

test("a call larger than the bucket passes when it is full, and the others wait for it", () => {
	let now = 0;
	const limits = createLocalLimits(() => now);
	const big = { permitId: "x", gates: [gate(600, 6_000)], tokens: 50_000 };
	expect(limits.take(big).kind).toBe("taken");
	now += 60_000;
	expect(limits.take({ ...big, tokens: 1 }).kind).toBe("full");
	now += 10 * 60_000;
	expect(limits.take(big).kind).toBe("taken");
});

test("what was estimated too high comes back", () => {
	const limits = createLocalLimits(() => 0);
	const request = { permitId: "x", gates: [gate(600, 6_000)], tokens: 1_200 };
	expect(limits.take(request).kind).toBe("taken");
	expect(limits.take({ ...request, tokens: 500 }).kind).toBe("full");
	limits.release(request, 1_000);
	expect(limits.take({ ...request, tokens: 500 }).kind).toBe("taken");
});

test("a try that is undone leaves no trace", () => {
	const limits = createLocalLimits(() => 0);
	const request = { permitId: "x", gates: [gate(60, 6_000)], tokens: 100 };
	for (let count = 0; count < 1_000; count += 1) {
		expect(limits.take(request).kind).toBe("taken");
		limits.undo(request);
	}
});

test("all gates or none, and quiet accounts are forgotten", () => {
	const limits = createLocalLimits(() => 0);
	const account: Gate = { key: "a:1", concurrency: 1 };
	const full = gate(600, 6_000, 1);
	limits.take({ permitId: "x", gates: [full], tokens: 1 });
	const both = { permitId: "y", gates: [account, full], tokens: 1 };
	expect(limits.take(both)).toMatchObject({ kind: "full", gateKey: "p:kimi" });
	expect(limits.waitMs(account)).toBe(0);
	for (let count = 0; count < 50_000; count += 1) {
		const request = { permitId: "z", gates: [{ key: `a:${count}`, concurrency: 1 }], tokens: 0 };
		limits.take(request);
		limits.release(request, 0);
	}
	expect(limits.size()).toBe(1);
});
