import { expect, test } from "@jest/globals";
import { AppError } from "../../../core/errors.ts";
import { createKeyRate } from "./key-rate.ts";

function failureOf(call: () => void): AppError | undefined {
	try {
		call();
		return undefined;
	} catch (error) {
		return error instanceof AppError ? error : undefined;
	}
}

test("a key may use its minute at once, then one request a second comes back", () => {
	let now = 0;
	const take = createKeyRate(60, () => now);
	for (let index = 0; index < 60; index += 1) take("a");
	expect(failureOf(() => take("a"))?.details).toMatchObject({ retryAfterMs: 1_000 });
	now += 999;
	expect(failureOf(() => take("a"))?.code).toBe("RATE_LIMITED");
	now += 1;
	expect(failureOf(() => take("a"))).toBeUndefined();
	expect(failureOf(() => take("a"))).toBeDefined();
});

test("rest never gives more than a full bucket", () => {
	let now = 0;
	const take = createKeyRate(2, () => now);
	take("a");
	now += 3_600_000;
	take("a");
	take("a");
	expect(failureOf(() => take("a"))).toBeDefined();
});

test("keys do not share", () => {
	const take = createKeyRate(1, () => 0);
	take("a");
	expect(failureOf(() => take("b"))).toBeUndefined();
});
