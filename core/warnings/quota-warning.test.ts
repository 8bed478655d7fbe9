import { describe, expect, test } from "@jest/globals";
import { MICRO } from "../ledger/ledger.ts";
import { LANGUAGES } from "../texts/say.ts";
import { findWarningPercent, renderQuotaWarning } from "./quota-warning.ts";

describe("a stand of the quota", () => {
	const find = (leftTokens: number, grantedTokens = 5_000) =>
		findWarningPercent({
			grantedMicro: grantedTokens * MICRO,
			leftMicro: leftTokens * MICRO,
			answerMicro: 256 * MICRO,
		});

	test.each([
		[5_000, undefined],
		[1_001, undefined],
		[1_000, 80],
		[256, 80],
		[255, 100],
		[0, 100],
		[-1, 100],
	])("with %d of 5,000 tokens left deserves %p", (left, percent) => {
		expect(find(left)).toBe(percent);
	});

	test("of a big plan passes 95 before it is used up", () => {
		expect(find(25_001, 500_000)).toBe(80);
		expect(find(25_000, 500_000)).toBe(95);
	});

	test("without any grant deserves none", () => {
		expect(find(0, 0)).toBeUndefined();
	});
});

test.each(LANGUAGES)(
	"a warning in %s tells what is left and when it resets in the person's zone",
	(language) => {
		const stand = {
			leftMicro: 999.5 * MICRO,
			resetsAt: new Date("2026-11-20T21:00:00Z"),
			zone: "Europe/Moscow",
		};
		for (const percent of [80, 95, 100] as const) {
			const text = renderQuotaWarning(percent, stand, language);
			expect(text).toContain("999");
			expect(text).toContain("00:00 (Europe/Moscow)");
			const endless = renderQuotaWarning(percent, { ...stand, resetsAt: undefined }, language);
			expect(endless).toContain("/plan");
			expect(endless).not.toMatch(/[{}]/);
		}
	},
);
