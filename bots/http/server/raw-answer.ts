import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { AppError } from "../../../core/errors.ts";
import { toHttpErrorBody } from "../http-problem.ts";

export type RawAnswer = {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
};

/** The answer to a request that never reached the app: no language is known, so English. */
export function toRawAnswer(error: AppError, supportUrl: string | undefined): RawAnswer {
	const requestId = randomUUID();
	const body = JSON.stringify(toHttpErrorBody(error, { language: "en", requestId, supportUrl }));
	return {
		status: error.status,
		headers: {
			"Content-Type": "application/json; charset=utf-8",
			"Content-Length": String(Buffer.byteLength(body)),
			"X-Request-Id": requestId,
			"X-Content-Type-Options": "nosniff",
			"Cache-Control": "no-store",
			Connection: "close",
		},
		body,
	};
}

/** The same as bytes of HTTP/1.1, for a socket that Node has given up parsing. */
export function toRawBytes(answer: RawAnswer): string {
	const head = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}\r\n`);
	return `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ""}\r\n${head.join("")}\r\n${answer.body}`;
}
