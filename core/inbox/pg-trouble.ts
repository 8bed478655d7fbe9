/** SQLSTATE classes and codes that say nothing about the statement itself: the same one may succeed later. */
const TROUBLE_CLASSES: ReadonlySet<string> = new Set(["08", "53", "57", "58"]);
const RETRY_CODES: ReadonlySet<string> = new Set(["40001", "40P01", "55P03"]);
const SOCKET_CODES: ReadonlySet<string> = new Set([
	"ECONNREFUSED",
	"ECONNRESET",
	"EPIPE",
	"ETIMEDOUT",
	"EHOSTUNREACH",
	"ENETUNREACH",
	"ENOTFOUND",
	"EAI_AGAIN",
]);
const DRIVER_WORDS =
	/Connection terminated|Timeout acquiring a connection|timeout expired|no answer from PostgreSQL|connection is not open|is not queryable|Connection ended unexpectedly|^operation timed out/i;
const CAUSES_MAX = 5;

/** True when the database (or the way to it) failed, not the statement: nothing is known about the work itself then. */
export function isDatabaseTrouble(error: unknown): boolean {
	return someCause(error, (one) => {
		const code = codeOf(one);
		if (code !== undefined && code.length === 5 && TROUBLE_CLASSES.has(code.slice(0, 2))) return true;
		if (code !== undefined && (RETRY_CODES.has(code) || SOCKET_CODES.has(code))) return true;
		return one instanceof Error && DRIVER_WORDS.test(one.message);
	});
}

/** True for deadlocks and serialization failures: the same statement is to be repeated at once. */
export function isRetryable(error: unknown): boolean {
	const code = codeOf(error);
	return code === "40P01" || code === "40001";
}

/** True when the server refuses these very values (class 22) or their size (class 54), and always will. */
export function isBadData(error: unknown): boolean {
	const code = codeOf(error);
	return code !== undefined && code.length === 5 && (code.startsWith("22") || code.startsWith("54"));
}

function someCause(error: unknown, test: (error: unknown) => boolean): boolean {
	let one = error;
	for (let depth = 0; depth < CAUSES_MAX && one !== undefined; depth += 1) {
		if (test(one)) return true;
		one = one instanceof Error ? one.cause : undefined;
	}
	return false;
}

function codeOf(error: unknown): string | undefined {
	if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
	return typeof error.code === "string" ? error.code : undefined;
}
