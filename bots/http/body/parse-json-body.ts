import type { IncomingMessage } from "node:http";
import { httpProblem } from "../http-problem.ts";
import { scanJson } from "./scan-json.ts";

/** Deeper than anything we define; source: requirement S22 of the security page. */
const DEPTH_MAX = 32;

/** Keys that mean something to JavaScript objects: dropped, never copied anywhere. */
const DANGEROUS_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** @throws AppError 415 unless the body is declared as plain, uncompressed JSON in UTF-8. */
export function requireJsonType(request: IncomingMessage): void {
	const encoding = request.headers["content-encoding"];
	if (encoding !== undefined && encoding.toLowerCase() !== "identity") throw httpProblem("content-type");
	const [type = "", ...parameters] = (request.headers["content-type"] ?? "").toLowerCase().split(";");
	if (type.trim() !== "application/json") throw httpProblem("content-type");
	const charset = parameters.map((parameter) => parameter.trim()).find((it) => it.startsWith("charset="));
	if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) throw httpProblem("content-type");
}

export type JsonBody = {
	readonly value: Readonly<Record<string, unknown>>;
	/** For the log: the caller has a bug, the last value counted. */
	readonly duplicateKeys: readonly string[];
};

/**
 * One JSON object. Bytes that are no UTF-8 become U+FFFD, as PostgreSQL and people can read it.
 * @throws AppError 400 when it is no JSON, no object, or nested past 32.
 */
export function parseJsonBody(bytes: Buffer): JsonBody {
	const text = new TextDecoder().decode(bytes);
	const shape = scanJson(text, DEPTH_MAX);
	if (shape.depth > DEPTH_MAX) throw httpProblem("json-invalid");
	const parsed = parse(text);
	if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
		throw httpProblem("json-invalid");
	const entries = Object.entries(parsed).filter(([key]) => !DANGEROUS_KEYS.has(key));
	return { value: Object.fromEntries(entries), duplicateKeys: shape.duplicateKeys };
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw httpProblem("json-invalid", {}, cause);
	}
}
