import { AppError } from "../errors.ts";
import { toRefusalKind } from "./refusal-kind.ts";

/** Longest pause a far end can ask of us, whatever its Retry-After says. */
export const RETRY_AFTER_MS_MAX = 60_000;
/** What the log gets of a far end's own words. */
export const EXCERPT_LENGTH_MAX = 300;

/**
 * Why a call failed, in `details.cause` of the AppError, for whoever decides what to do next.
 * unreachable: no connection, nothing was sent. reset: the connection broke, as a kept one does when the far end closes it at
 * the moment it is used again. credentials: our key or account is refused, or has no money. refused-address: the guard said no.
 */
export type FailureCause =
	| "unreachable"
	| "reset"
	| "credentials"
	| "refused-address"
	| "status"
	| "protocol";

/** The only place that says what an HTTP status of a provider means to us. `text` is its body; the beginning is for the log. */
export function toStatusFailure(
	status: number,
	retryAfter: string | undefined,
	text: string,
	nowMs: number,
): AppError {
	const message = `provider answered ${status}: ${text.slice(0, EXCERPT_LENGTH_MAX)}`;
	const kind = toRefusalKind(status, text);
	if (kind === "no-money") return toProviderFailure("credentials", message, { status });
	// 529: Anthropic's "overloaded".
	if (status === 429 || status === 529) {
		const retryAfterMs = toRetryAfterMs(retryAfter, nowMs);
		return new AppError("ROUTER_RATE_LIMITED", message, {
			details: retryAfterMs === undefined ? { status } : { status, retryAfterMs },
		});
	}
	if (status === 400 || status === 413 || status === 422) {
		const reason = kind === "too-long" ? "too-long" : "provider-refused";
		return new AppError("REQUEST_INVALID", message, { details: { reason, status } });
	}
	if (status === 408 || status === 504) {
		return new AppError("ROUTER_TIMEOUT", message, { details: { status } });
	}
	const cause = status === 401 || status === 402 || status === 403 ? "credentials" : "status";
	return toProviderFailure(cause, message, { status });
}

/** Any failure that another provider may not have. */
export function toProviderFailure(
	cause: FailureCause,
	message: string,
	options: { readonly status?: number; readonly error?: unknown } = {},
): AppError {
	const { status, error } = options;
	return new AppError("ROUTER_NO_PROVIDER", message, {
		details: status === undefined ? { cause } : { cause, status },
		...(error === undefined ? {} : { cause: error }),
	});
}

/** Milliseconds, clipped; undefined when the header is absent or no delay at all (RFC 9110, 10.2.3: seconds or a date). */
export function toRetryAfterMs(header: string | undefined, nowMs: number): number | undefined {
	if (header === undefined) return undefined;
	const text = header.trim();
	const isDate = /^[A-Z][a-z]{2,8},? /.test(text);
	const ms = isDate ? Date.parse(text) - nowMs : /^\d+$/.test(text) ? Number(text) * 1_000 : Number.NaN;
	if (Number.isNaN(ms)) return undefined;
	return Math.min(Math.max(Math.ceil(ms), 0), RETRY_AFTER_MS_MAX);
}

const CONNECT_ERRORS = new Set([
	"UND_ERR_CONNECT_TIMEOUT",
	"ECONNREFUSED",
	"ENOTFOUND",
	"EAI_AGAIN",
	"EHOSTUNREACH",
	"ENETUNREACH",
	"ETIMEDOUT",
	"EPROTO",
	"DEPTH_ZERO_SELF_SIGNED_CERT",
	"SELF_SIGNED_CERT_IN_CHAIN",
	"UNABLE_TO_VERIFY_LEAF_SIGNATURE",
	"CERT_HAS_EXPIRED",
	"ERR_TLS_CERT_ALTNAME_INVALID",
]);

const RESET_ERRORS = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);

const TIMEOUT_ERRORS = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

/** What a socket or the HTTP client says went wrong. */
export function toTransportFailure(error: Error): AppError {
	const code = "code" in error ? String(error.code) : "";
	const message = `${error.name} ${code}: ${error.message}`;
	if (TIMEOUT_ERRORS.has(code)) return new AppError("ROUTER_TIMEOUT", message, { cause: error });
	if (error.name === "AddressRefusedError") return toProviderFailure("refused-address", message, { error });
	if (RESET_ERRORS.has(code)) return toProviderFailure("reset", message, { error });
	return toProviderFailure(CONNECT_ERRORS.has(code) ? "unreachable" : "protocol", message, { error });
}
