/**
 * Every failure a user, a program or an operator can see. One row per code (source: docs/contract of the product, R1).
 *
 * status: HTTP status a program gets.
 * retryable: true when the same request may succeed later with nothing changed by the caller.
 */
const CATALOG = {
	ROUTER_NO_PROVIDER: { status: 503, retryable: true },
	ROUTER_TIMEOUT: { status: 504, retryable: true },
	ROUTER_RATE_LIMITED: { status: 429, retryable: true },
	BILLING_QUOTA_EXCEEDED: { status: 402, retryable: false },
	BILLING_SUBSCRIPTION_INACTIVE: { status: 402, retryable: false },
	INSTANCE_NOT_FOUND: { status: 404, retryable: false },
	INSTANCE_PROVISIONING: { status: 409, retryable: true },
	AUTH_INVALID_CREDENTIALS: { status: 401, retryable: false },
	BIND_CODE_INVALID: { status: 400, retryable: false },
	INTERNAL: { status: 500, retryable: true },
	REQUEST_INVALID: { status: 400, retryable: false },
	FORBIDDEN: { status: 403, retryable: false },
	RATE_LIMITED: { status: 429, retryable: true },
	CAPACITY_REACHED: { status: 503, retryable: true },
} as const satisfies Record<string, { status: number; retryable: boolean }>;

export type ErrorCode = keyof typeof CATALOG;

/** All codes, in catalog order. */
export const ERROR_CODES = Object.keys(CATALOG) as readonly ErrorCode[];

/** Facts the words for a person are filled with, such as `resetsAt` (ISO instant) or `retryAfterMs`. Never a secret. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>;

export type AppErrorOptions = ErrorOptions & {
	readonly details?: ErrorDetails;
	/** Overrides the catalog where one cause differs from its code, such as 409 for a reused Idempotency-Key. */
	readonly status?: number;
};

/** The message is for logs only; what a person reads is chosen by code and language in pipeline/render-failure.ts. */
export class AppError extends Error {
	override readonly name = "AppError";
	readonly code: ErrorCode;
	readonly status: number;
	readonly retryable: boolean;
	readonly details: ErrorDetails;

	constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
		super(message, options);
		this.code = code;
		this.status = options.status ?? CATALOG[code].status;
		this.retryable = CATALOG[code].retryable;
		this.details = options.details ?? {};
	}
}

/** The error itself when it is ours, otherwise INTERNAL with the cause kept for the log. */
export function toAppError(error: unknown): AppError {
	return error instanceof AppError ? error : new AppError("INTERNAL", "unexpected failure", { cause: error });
}
