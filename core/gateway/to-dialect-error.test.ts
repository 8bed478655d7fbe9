import { describe, expect, test } from "@jest/globals";
import type { ErrorCode, ErrorDetails } from "../errors.ts";
import { AppError, ERROR_CODES } from "../errors.ts";
import { toDialectError } from "./to-dialect-error.ts";

function tell(code: ErrorCode, details: ErrorDetails = {}): string {
	return toDialectError(new AppError(code, "x", { details }), "req-1", undefined).message;
}

/** A command of the chat; paths of ours begin with /v1. */
const COMMAND = /(?:^|[\s(:])\/(?!v1\/)[a-z]/;

const REASONS: readonly (readonly [ErrorCode, string])[] = [
	["REQUEST_INVALID", "provider-refused"],
	["REQUEST_INVALID", "too-long"],
	["REQUEST_INVALID", "model-unknown"],
	["ROUTER_NO_PROVIDER", "tier-unserved"],
	["FORBIDDEN", "key-network"],
	["FORBIDDEN", "tier-not-allowed"],
	["BILLING_QUOTA_EXCEEDED", "key-daily-cap"],
	["BILLING_QUOTA_EXCEEDED", "key-idle-cap"],
];

describe("a program is sent to no command of the chat", () => {
	const codes = ERROR_CODES.filter((code) => !/INSTANCE|BIND|CAPACITY/.test(code));
	test.each(codes)("by %s", (code) => {
		expect(tell(code)).not.toMatch(COMMAND);
	});

	test.each(REASONS)("by %s because of %s", (code, reason) => {
		expect(tell(code, { reason })).not.toMatch(COMMAND);
	});

	test("where its account has too little left", () => {
		const text = tell("BILLING_QUOTA_EXCEEDED", { availableTokens: 1_000, neededTokens: 2_000 });
		expect(text).toContain("1,000 tokens left");
		expect(text).not.toMatch(COMMAND);
	});
});

test.each([
	["body-too-large", "too large"],
	["body-too-slow", "did not arrive in time"],
	["content-type", "must be JSON"],
])("what is wrong with a body (%s) has words of its own", (problem, words) => {
	const text = tell("REQUEST_INVALID", { problem, bytesMax: 10_485_760 });
	expect(text).toContain(words);
	if (problem === "body-too-large") expect(text).toContain("10485760 bytes");
});

test("too long is told apart from what the model refuses", () => {
	expect(tell("REQUEST_INVALID", { reason: "too-long" })).toContain("too long");
	expect(tell("REQUEST_INVALID", { reason: "provider-refused" })).toContain("refuses this very request");
});
