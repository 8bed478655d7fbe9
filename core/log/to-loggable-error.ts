const CAUSES_MAX = 5;
const ERRORS_MAX = 5;
const MESSAGE_LENGTH_MAX = 2_000;
const STACK_LENGTH_MAX = 4_000;

/** What the log keeps of an error. Not every property: those of drivers hold rows and requests of users. */
export type LoggableError = {
	readonly type: string;
	readonly message: string;
	readonly code?: string;
	readonly status?: number;
	readonly details?: unknown;
	readonly stack?: string;
	readonly cause?: LoggableError;
	readonly errors?: readonly LoggableError[];
};

/** Total: takes anything that was thrown. Cyclic causes end at a fixed depth. */
export function toLoggableError(thrown: unknown, depth = 0): LoggableError {
	if (!(thrown instanceof Error))
		return { type: typeof thrown, message: cut(describe(thrown), MESSAGE_LENGTH_MAX) };
	const { code, status, details } = thrown as { code?: unknown; status?: unknown; details?: unknown };
	const isDeep = depth >= CAUSES_MAX;
	const errors = thrown instanceof AggregateError ? (thrown.errors as unknown[]).slice(0, ERRORS_MAX) : [];
	return {
		type: thrown.name,
		message: cut(thrown.message, MESSAGE_LENGTH_MAX),
		...(typeof code === "string" || typeof code === "number" ? { code: String(code) } : {}),
		...(typeof status === "number" ? { status } : {}),
		// ours: facts made for the log
		...(thrown.name === "AppError" ? { details } : {}),
		...(thrown.stack === undefined ? {} : { stack: cut(thrown.stack, STACK_LENGTH_MAX) }),
		...(thrown.cause === undefined || isDeep ? {} : { cause: toLoggableError(thrown.cause, depth + 1) }),
		...(errors.length === 0 || isDeep
			? {}
			: { errors: errors.map((error) => toLoggableError(error, depth + 1)) }),
	};
}

function describe(thrown: unknown): string {
	try {
		return typeof thrown === "string" ? thrown : (JSON.stringify(thrown) ?? String(thrown));
	} catch {
		return "something that cannot be shown";
	}
}

function cut(text: string, lengthMax: number): string {
	return text.length <= lengthMax ? text : `${text.slice(0, lengthMax)} [cut]`;
}
