import type { AppError, ErrorCode } from "../errors.ts";
import { reasonTexts } from "../texts/error-reasons.ts";
import type { ErrorText } from "../texts/errors.ts";
import { errorTexts, failureTexts } from "../texts/errors.ts";
import { formatInstant, formatTokens, formatWait, quoteText } from "../texts/format.ts";
import { say } from "../texts/say.ts";
import type { Button, Language, Reply } from "./message.ts";

/** A short question without history and the shortest answer that is sold, with room to spare. */
const SHORT_TURN_TOKENS = 500;

/** Longest wait worth telling, in ms; beyond it the number says nothing to a person. */
const WAIT_MAX_MS = 31 * 24 * 3_600_000;

export type FailureContext = {
	/** IANA name the times are shown in. */
	readonly zone: string;
	/** Where a person can ask for help, if the operator named a place. */
	readonly supportUrl: string | undefined;
	/** Undefined leaves out "in 3 hours". */
	readonly now: Date | undefined;
};

/**
 * What a person reads when something failed: what happened, what to do now, the code for support, and a button where one
 * tap helps. Facts come from `error.details`: resetsAt and nextChangeAt (ISO instants), retryAfterMs, reason, field.
 */
export function renderFailure(error: AppError, language: Language, context: FailureContext): Reply {
	const text = textOf(error);
	const values = valuesOf(error, language);
	const lines = [
		joinSentences(language, [say(text.what, language, values), ...factsOf(error, language, context)]),
		say(failureTexts.next, language, { next: say(text.next, language) }),
		say(failureTexts.code, language, { code: `\`${error.code}\`` }),
	];
	if (context.supportUrl !== undefined) {
		lines.push(say(failureTexts.support, language, { url: context.supportUrl }));
	}
	const buttons = buttonsOf(error, language);
	return { markdown: lines.join("\n\n"), ...(buttons.length > 0 && { buttons: [buttons] }) };
}

/** The JSON form of a failure, as every program gets it (source: contract, error codes). */
export type ErrorBody = {
	readonly error: {
		readonly code: string;
		readonly message: string;
		readonly retryable: boolean;
		readonly suggestion: string;
		readonly supportUrl: string | null;
		readonly requestId: string;
	};
};

/** Words that come before the chat's own, by `details.reason` and by code; what is missing here is looked up there. */
export type OwnTexts = {
	readonly reasons: Readonly<Record<string, ErrorText>>;
	readonly codes: Readonly<Partial<Record<ErrorCode, ErrorText>>>;
};

/** Times are told in UTC: a program's caller has no zone. */
export function toErrorBody(
	error: AppError,
	language: Language,
	requestId: string,
	supportUrl: string | undefined,
	own: OwnTexts = { reasons: {}, codes: {} },
): ErrorBody {
	const text = textOf(error, own);
	const values = valuesOf(error, language);
	const what = say(text.what, language, values);
	const facts = factsOf(error, language, { zone: "UTC", supportUrl, now: undefined });
	return {
		error: {
			code: error.code,
			message: joinSentences(language, [what, ...facts]),
			retryable: error.retryable,
			suggestion: say(text.next, language, values),
			supportUrl: supportUrl ?? null,
			requestId,
		},
	};
}

function textOf(error: AppError, own?: OwnTexts): ErrorText {
	const reason = reasonOf(error);
	const found = findText(own?.reasons ?? {}, reason) ?? findText(reasonTexts, reason);
	return found ?? own?.codes[error.code] ?? errorTexts[error.code];
}

/** Own properties only: a reason named "constructor" must not find one. */
function findText(texts: Readonly<Record<string, ErrorText>>, reason: unknown): ErrorText | undefined {
	return typeof reason === "string" && Object.hasOwn(texts, reason) ? texts[reason] : undefined;
}

/** A reason, or what is wrong with a request as such. Too little for this question is not yet nothing: a shorter one may still be answered. */
function reasonOf({ code, details }: AppError): unknown {
	const { availableTokens: left, neededTokens: needed, reason = details["problem"] } = details;
	const isFigured = typeof left === "number" && typeof needed === "number";
	return code === "BILLING_QUOTA_EXCEEDED" && isFigured && left >= SHORT_TURN_TOKENS ? "quota-short" : reason;
}

/** Figures the words of a reason may name. */
function valuesOf({ details }: AppError, language: Language): Readonly<Record<string, string>> {
	const { availableTokens: left, neededTokens: needed, field, bytesMax } = details;
	if (typeof field === "string") return { field: quoteText(field) };
	if (typeof bytesMax === "number") return { bytesMax: String(bytesMax) };
	if (typeof left !== "number" || typeof needed !== "number") return {};
	return { left: formatTokens(left, language), needed: formatTokens(needed, language) };
}

function factsOf(error: AppError, language: Language, context: FailureContext): readonly string[] {
	const { details } = error;
	const facts: string[] = [];
	const resetsAt = toDate(details["resetsAt"]);
	if (resetsAt !== undefined) facts.push(resetFact(resetsAt, language, context));
	const waitMs = waitOf(error, context);
	if (waitMs !== undefined)
		facts.push(say(failureTexts.retryAfter, language, { wait: formatWait(waitMs, language) }));
	const field = details["field"];
	// A reason has words of its own, which say what it is about.
	if (typeof field === "string" && details["reason"] === undefined)
		facts.push(say(failureTexts.field, language, { field: quoteText(field) }));
	return facts;
}

function resetFact(resetsAt: Date, language: Language, { zone, now }: FailureContext): string {
	const when = formatInstant(resetsAt, zone, language);
	if (now === undefined || resetsAt <= now) return say(failureTexts.resets, language, { when });
	const wait = formatWait(resetsAt.getTime() - now.getTime(), language);
	return say(failureTexts.resetsIn, language, { when, wait });
}

function waitOf(error: AppError, { now }: FailureContext): number | undefined {
	const nextChangeAt = toDate(error.details["nextChangeAt"]);
	const waitMs =
		nextChangeAt !== undefined && now !== undefined
			? nextChangeAt.getTime() - now.getTime()
			: error.details["retryAfterMs"];
	return typeof waitMs === "number" && waitMs > 0 && waitMs <= WAIT_MAX_MS ? waitMs : undefined;
}

function toDate(value: unknown): Date | undefined {
	if (typeof value !== "string") return undefined;
	const date = new Date(value);
	return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Chinese sentences follow each other without a space. */
function joinSentences(language: Language, sentences: readonly string[]): string {
	return sentences.join(language === "zh-CN" ? "" : " ");
}

function buttonsOf(error: AppError, language: Language): readonly Button[] {
	if (error.details["reason"] === "tier-unserved") {
		return [{ label: say(failureTexts.tierButton, language), data: "cmd:tier" }];
	}
	switch (error.code) {
		// Only model calls fail with these, so "retry" repeats the very message that failed.
		case "ROUTER_NO_PROVIDER":
		case "ROUTER_TIMEOUT":
		case "ROUTER_RATE_LIMITED":
			return [{ label: say(failureTexts.retryButton, language), data: "retry" }];
		case "BILLING_QUOTA_EXCEEDED":
			return [
				{ label: say(failureTexts.plansButton, language), data: "cmd:plan" },
				{ label: say(failureTexts.usageButton, language), data: "cmd:usage" },
			];
		case "BILLING_SUBSCRIPTION_INACTIVE":
			return [{ label: say(failureTexts.plansButton, language), data: "cmd:plan" }];
		default:
			return [];
	}
}
