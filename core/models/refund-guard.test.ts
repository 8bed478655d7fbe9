import { expect, test } from "@jest/globals";
import { createRefundGuard } from "./refund-guard.ts";

function fill(guard: ReturnType<typeof createRefundGuard>, calls: number, refunds: number): void {
	for (let count = 0; count < calls; count += 1) guard.noteCall("a");
	for (let count = 0; count < refunds; count += 1) guard.noteRefund("a");
}

test("twenty refunds in an hour slow an account down, nineteen do not", () => {
	const guard = createRefundGuard(() => 0);
	fill(guard, 19, 19);
	expect(guard.isSlowed("a")).toBe(false);
	fill(guard, 1, 1);
	expect(guard.isSlowed("a")).toBe(true);
	expect(guard.isSlowed("b")).toBe(false);
});

test("an account with many calls is slowed down above a tenth of them", () => {
	const guard = createRefundGuard(() => 0);
	fill(guard, 1_000, 99);
	expect(guard.isSlowed("a")).toBe(false);
	fill(guard, 0, 1);
	expect(guard.isSlowed("a")).toBe(true);
});

test("an hour later it is forgotten", () => {
	let now = 0;
	const guard = createRefundGuard(() => now);
	fill(guard, 20, 20);
	now += 3_000_000;
	expect(guard.isSlowed("a")).toBe(true);
	now += 600_000;
	expect(guard.isSlowed("a")).toBe(false);
});

test("it remembers a bounded number of accounts", () => {
	const guard = createRefundGuard(() => 0);
	fill(guard, 20, 20);
	for (let count = 0; count < 10_001; count += 1) guard.noteCall(String(count));
	expect(guard.isSlowed("a")).toBe(false);
});
