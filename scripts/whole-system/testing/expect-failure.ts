import { expect } from "@jest/globals";
import type { ErrorCode } from "../../../core/errors.ts";
import type { Language } from "../../../core/pipeline/message.ts";
import { errorTexts } from "../../../core/texts/errors.ts";
import type { ChatAnswer } from "./ask-over-http.ts";

/** Where the worlds of these tests send people for help. */
export const SUPPORT_URL = "https://help.example/rockpool";

const SCRIPT: Readonly<Record<Language, RegExp>> = {
	en: /^[^\p{Script=Han}\p{Script=Cyrillic}]+$/u,
	"zh-CN": /\p{Script=Han}/u,
	ru: /\p{Script=Cyrillic}/u,
};

/** What a person does now: commands are written the same in every language. */
const NEXT_STEP: Readonly<Partial<Record<ErrorCode, string>>> = {
	ROUTER_NO_PROVIDER: "/tier",
	ROUTER_TIMEOUT: "/retry",
	ROUTER_RATE_LIMITED: "/retry",
	BILLING_QUOTA_EXCEEDED: "/plan",
	BILLING_SUBSCRIPTION_INACTIVE: "/bind",
	AUTH_INVALID_CREDENTIALS: "/key new",
	BIND_CODE_INVALID: "/link",
};

/** A failure as a person reads it: what happened, what to do now, the code and where help is, all in his language. */
export function expectFailureWords(said: string, code: ErrorCode, language: Language): void {
	const { what, next } = errorTexts[code];
	expect(said).toContain(what[language]);
	expect(said).toContain(next[language]);
	expect(next[language]).toMatch(SCRIPT[language]);
	expect(said).toContain(NEXT_STEP[code] ?? "");
	expect(said).toContain(code);
	expect(said).toContain(SUPPORT_URL);
	expect(said).not.toMatch(/[{}]/);
}

/** A failure as a program reads it: the same words in the form of the contract. */
export function expectErrorBody(
	answer: ChatAnswer,
	code: ErrorCode,
	expected: { readonly status: number; readonly retryable: boolean },
	language: Language,
): void {
	const { what, next } = errorTexts[code];
	expect(answer.status).toBe(expected.status);
	expect(answer.body).toEqual({
		error: {
			code,
			message: expect.stringContaining(what[language]),
			retryable: expected.retryable,
			suggestion: next[language],
			supportUrl: SUPPORT_URL,
			requestId: answer.headers["x-request-id"],
		},
	});
	expect(next[language]).toMatch(SCRIPT[language]);
	expect(next[language]).toContain(NEXT_STEP[code] ?? "");
}
