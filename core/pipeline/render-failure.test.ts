import { describe, expect, test } from "@jest/globals";
import { AppError, ERROR_CODES } from "../errors.ts";
import { errorTexts } from "../texts/errors.ts";
import { LANGUAGES } from "../texts/say.ts";
import type { Language } from "./message.ts";
import { renderFailure, toErrorBody } from "./render-failure.ts";

const context = {
	zone: "Europe/Moscow",
	supportUrl: "https://help.example",
	now: new Date("2026-11-20T18:00:00Z"),
};
const SCRIPT = {
	en: /^[^\u0400-\u04ff\u4e00-\u9fff]+$/u,
	"zh-CN": /\p{Script=Han}/u,
	ru: /\p{Script=Cyrillic}/u,
};

describe.each(LANGUAGES)("in %s", (language: Language) => {
	test.each(ERROR_CODES)("%s says what happened, what to do now, its code and where to ask", (code) => {
		const { markdown } = renderFailure(new AppError(code, "for the log only"), language, context);
		expect(markdown).toContain(errorTexts[code].what[language]);
		expect(markdown).toContain(errorTexts[code].next[language]);
		expect(markdown).toContain(`\`${code}\``);
		expect(markdown).toContain("https://help.example");
		expect(markdown).toMatch(SCRIPT[language]);
		expect(markdown).not.toContain("for the log only");
		expect(markdown).not.toMatch(/[{}]/);
	});
});

test("no two codes share their words", () => {
	for (const language of LANGUAGES) {
		expect(new Set(ERROR_CODES.map((code) => errorTexts[code].what[language])).size).toBe(ERROR_CODES.length);
	}
});

test("an exhausted quota tells the reset time in the person's own zone and how long that is", () => {
	const error = new AppError("BILLING_QUOTA_EXCEEDED", "", { details: { resetsAt: "2026-11-20T21:00:00Z" } });
	const { markdown, buttons } = renderFailure(error, "en", context);
	expect(markdown).toContain("Sat, Nov 21, 00:00 (Europe/Moscow)");
	expect(markdown).toContain("in 3 hours");
	expect(buttons?.flat().map(({ data }) => data)).toEqual(["cmd:plan", "cmd:usage"]);
	expect(renderFailure(error, "ru", context).markdown).toContain("через 3 часа");
	expect(renderFailure(error, "zh-CN", { ...context, zone: "Asia/Shanghai" }).markdown).toContain("05:00");
});

test.each([
	[728, 812, "You have 728 tokens left", "/new"],
	[120, 812, "Your tokens for this period are used up.", "/plan"],
])("with %i tokens left of the %i a question needs it says what is true", (left, needed, what, next) => {
	const details = { availableTokens: left, neededTokens: needed };
	const { markdown } = renderFailure(new AppError("BILLING_QUOTA_EXCEEDED", "", { details }), "en", context);
	expect(markdown).toContain(what);
	expect(markdown).toContain(next);
});

test("a tier nobody serves is told as one, with a button to choose another", () => {
	const error = new AppError("ROUTER_NO_PROVIDER", "", { details: { reason: "tier-unserved" } });
	const { markdown, buttons } = renderFailure(error, "en", context);
	expect(markdown).toContain("for your tier");
	expect(markdown).toContain("ROUTER_NO_PROVIDER");
	expect(buttons?.flat().map(({ data }) => data)).toEqual(["cmd:tier"]);
});

test("only failures of the model call offer a retry button", () => {
	const withRetry = ERROR_CODES.filter((code) =>
		renderFailure(new AppError(code, ""), "en", context)
			.buttons?.flat()
			.some(({ data }) => data === "retry"),
	);
	expect(withRetry).toEqual(["ROUTER_NO_PROVIDER", "ROUTER_TIMEOUT", "ROUTER_RATE_LIMITED"]);
});

test("a wait is told, an absurd one is not", () => {
	const render = (retryAfterMs: number) =>
		renderFailure(new AppError("RATE_LIMITED", "", { details: { retryAfterMs } }), "en", context).markdown;
	expect(render(3_600_000)).toContain("It will work again in 60 minutes.");
	expect(render(1e15)).not.toContain("It will work again");
	expect(render(-5)).not.toContain("It will work again");
});

test("a reason has words of its own, an unknown or inherited one those of the code", () => {
	const render = (reason: string) =>
		renderFailure(new AppError("REQUEST_INVALID", "", { details: { reason, field: "zone" } }), "en", context)
			.markdown;
	expect(render("unknown_zone")).toContain("I do not know this time zone.");
	for (const reason of ["nonsense", "constructor", "__proto__"]) {
		expect(render(reason)).toContain(errorTexts.REQUEST_INVALID.what.en);
	}
});

test("details are shown as quoted text, so that markup and control characters in them do nothing", () => {
	const error = new AppError("REQUEST_INVALID", "", { details: { field: "`a`\u202e\n# b" } });
	expect(renderFailure(error, "en", context).markdown).toContain("It is about `a # b`.");
});

test("without a support address there is no support line, and a broken date is left out", () => {
	const error = new AppError("BILLING_QUOTA_EXCEEDED", "", { details: { resetsAt: "soon" } });
	const { markdown } = renderFailure(error, "en", { ...context, supportUrl: undefined });
	expect(markdown).not.toContain("Support");
	expect(markdown).not.toContain("arrive");
});

test("a program gets the JSON form of the contract and nothing else", () => {
	const error = new AppError("BILLING_QUOTA_EXCEEDED", "secret log", {
		details: { resetsAt: "2026-11-20T21:00:00Z" },
		cause: new Error("inner"),
	});
	expect(toErrorBody(error, "en", "req-1", "https://help.example")).toEqual({
		error: {
			code: "BILLING_QUOTA_EXCEEDED",
			message: "Your tokens for this period are used up. Your next tokens arrive Fri, Nov 20, 21:00 (UTC).",
			retryable: false,
			suggestion: errorTexts.BILLING_QUOTA_EXCEEDED.next.en,
			supportUrl: "https://help.example",
			requestId: "req-1",
		},
	});
	expect(toErrorBody(new AppError("INTERNAL", "x"), "ru", "r", undefined).error.supportUrl).toBeNull();
});
