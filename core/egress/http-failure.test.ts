import { describe, expect, test } from "@jest/globals";
import { toStatusFailure } from "./http-failure.ts";

function toBody(message: string, more: object = {}): string {
	return JSON.stringify({ error: { type: "invalid_request_error", ...more, message } });
}

function fail(status: number, excerpt: string) {
	return toStatusFailure(status, undefined, excerpt, 0);
}

const NO_MONEY = [
	[400, toBody("Your credit balance is too low to access the Anthropic API (org-abc123).")],
	[400, toBody("Access denied, please make sure your account is in good standing.", { code: "Arrearage" })],
	[429, toBody("You exceeded your current quota.", { code: "insufficient_quota" })],
	[429, toBody("Your account org-1 is suspended.", { type: "exceeded_current_quota_error" })],
	[429, toBody("余额不足或无可用资源包,请充值。", { code: "1113" })],
	[400, toBody("Insufficient Balance")],
] as const;

describe("a vendor's refusal", () => {
	test.each(NO_MONEY)("of our own empty purse (%i %s) is the operator's to mend", (status, excerpt) => {
		expect(fail(status, excerpt)).toMatchObject({
			code: "ROUTER_NO_PROVIDER",
			details: { cause: "credentials", status },
		});
	});

	test.each([
		toBody("tools.0.name: 'Your credit balance is too low' does not match"),
		toBody('unknown value {"code":"insufficient_quota"}'),
		'{"detail":[{"input":{"code":"insufficient_quota","message":"Your credit balance"}}]}',
	])("that repeats the caller's words takes nobody out: %s", (excerpt) => {
		expect(fail(400, excerpt)).toMatchObject({
			code: "REQUEST_INVALID",
			details: { reason: "provider-refused" },
		});
	});

	test.each([
		[400, toBody("This model's maximum context length is 8192 tokens.", { code: "context_length_exceeded" })],
		[400, toBody("prompt is too long: 210000 tokens > 200000 maximum")],
		[400, toBody("Range of input length should be [1, 129024]")],
		[413, ""],
	])("of what is too long (%i %s) says so", (status, excerpt) => {
		expect(fail(status, excerpt)).toMatchObject({
			code: "REQUEST_INVALID",
			details: { reason: "too-long", status },
		});
	});

	test("is read whole, and cut for the log", () => {
		const error = fail(429, toBody("x".repeat(1_000), { code: "insufficient_quota" }));
		expect(error.details).toMatchObject({ cause: "credentials" });
		expect(error.message.length).toBeLessThan(400);
	});

	test("keeps the vendor's words for the log", () => {
		const error = fail(400, toBody("something about org-abc123"));
		expect(error.message).toContain("org-abc123");
		expect(JSON.stringify(error.details)).not.toContain("org-abc123");
	});
});
