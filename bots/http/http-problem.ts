import type { ErrorCode, ErrorDetails } from "../../core/errors.ts";
import { AppError } from "../../core/errors.ts";
import type { Language } from "../../core/pipeline/message.ts";
import { toErrorBody } from "../../core/pipeline/render-failure.ts";
import { httpTexts } from "../../core/texts/http.ts";
import type { Text } from "../../core/texts/say.ts";
import { say } from "../../core/texts/say.ts";

type Problem = {
	readonly code: ErrorCode;
	readonly status: number;
	readonly what: Text;
	readonly next: Text;
};

/** What can be wrong with a request as such. The code stays in the one catalog; status and words are narrower than it. */
const PROBLEMS = {
	"not-found": problem("REQUEST_INVALID", 404, "notFound"),
	"method-not-allowed": problem("REQUEST_INVALID", 405, "methodNotAllowed"),
	"body-too-large": problem("REQUEST_INVALID", 413, "bodyTooLarge"),
	"body-too-slow": problem("REQUEST_INVALID", 408, "bodyTooSlow"),
	"content-type": problem("REQUEST_INVALID", 415, "contentType"),
	"json-invalid": problem("REQUEST_INVALID", 400, "jsonInvalid"),
	"field-invalid": problem("REQUEST_INVALID", 400, "fieldInvalid"),
	"idempotency-key-invalid": problem("REQUEST_INVALID", 400, "idempotencyKeyInvalid"),
	"idempotency-conflict": problem("REQUEST_INVALID", 409, "idempotencyConflict"),
	"lane-full": problem("RATE_LIMITED", 429, "laneFull"),
	"too-many-requests": problem("RATE_LIMITED", 429, "tooManyRequests"),
	"too-many-streams": problem("RATE_LIMITED", 429, "tooManyStreams"),
	"still-running": problem("ROUTER_TIMEOUT", 504, "stillRunning"),
	stopping: problem("ROUTER_TIMEOUT", 503, "stillRunning"),
	"store-unavailable": problem("INTERNAL", 503, "storeUnavailable"),
	"bad-request": problem("REQUEST_INVALID", 400, "badRequest"),
	"headers-too-large": problem("REQUEST_INVALID", 431, "headersTooLarge"),
} as const satisfies Record<string, Problem>;

export type ProblemKind = keyof typeof PROBLEMS;

type TextKey = Exclude<keyof typeof httpTexts, `${string}Next`>;

function problem(code: ErrorCode, status: number, key: TextKey): Problem {
	return { code, status, what: httpTexts[key], next: httpTexts[`${key}Next`] };
}

/** An AppError whose words the HTTP boundary knows. `details` fill the places of those words. */
export function httpProblem(kind: ProblemKind, details: ErrorDetails = {}, cause?: unknown): AppError {
	const { code, status } = PROBLEMS[kind];
	return new AppError(code, kind, {
		status,
		details: { ...details, problem: kind },
		...(cause === undefined ? {} : { cause }),
	});
}

/** What a failure is told with: the language, the id of the request and where help is. */
export type ErrorContext = {
	readonly language: Language;
	readonly requestId: string;
	readonly supportUrl: string | undefined;
};

/** The JSON form of a failure: the words of its code, or the narrower ones of an HTTP problem. Never a stack or a cause. */
export function toHttpErrorBody(error: AppError, context: ErrorContext): ReturnType<typeof toErrorBody> {
	const { language, requestId, supportUrl } = context;
	const body = toErrorBody(error, language, requestId, supportUrl);
	const found = findProblem(error);
	if (found === undefined) return body;
	const values = toValues(error.details);
	return {
		error: {
			...body.error,
			message: say(found.what, language, values),
			suggestion: say(found.next, language, values),
		},
	};
}

/** Whole seconds for the Retry-After header; undefined when waiting would not help. */
export function retryAfterSeconds(error: AppError): number | undefined {
	const afterMs = error.details["retryAfterMs"];
	if (typeof afterMs === "number" && afterMs >= 0) return Math.max(1, Math.ceil(afterMs / 1000));
	return error.status === 429 || error.status === 503 ? DEFAULT_RETRY_AFTER_SECONDS : undefined;
}

const DEFAULT_RETRY_AFTER_SECONDS = 5;

function findProblem(error: AppError): Problem | undefined {
	const kind = error.details["problem"];
	return typeof kind === "string" && Object.hasOwn(PROBLEMS, kind)
		? PROBLEMS[kind as ProblemKind]
		: undefined;
}

function toValues(details: ErrorDetails): Record<string, string | number> {
	return Object.fromEntries(
		Object.entries(details).map(([key, value]) => [key, typeof value === "boolean" ? String(value) : value]),
	);
}
