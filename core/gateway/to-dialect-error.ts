import type { DialectError } from "../dialects/types.ts";
import type { AppError } from "../errors.ts";
import { toErrorBody } from "../pipeline/render-failure.ts";

/** A failure in words a program's author reads: what happened, and what to do. */
export function toDialectError(
	error: AppError,
	requestId: string,
	supportUrl: string | undefined,
): DialectError {
	const { message, suggestion } = toErrorBody(error, "en", requestId, supportUrl).error;
	const support = supportUrl === undefined ? "" : ` ${supportUrl}`;
	const { says } = error.details;
	const words = typeof says === "string" ? ` (${says})` : "";
	return {
		status: error.status,
		code: error.code,
		message: `${message}${words} ${suggestion}${support}`,
		requestId,
	};
}
