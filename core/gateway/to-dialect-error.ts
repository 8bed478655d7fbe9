import type { DialectError } from "../dialects/types.ts";
import type { AppError } from "../errors.ts";
import { toErrorBody } from "../pipeline/render-failure.ts";
import { gatewayReasonTexts } from "../texts/gateway.ts";
import { gatewayErrorTexts } from "../texts/gateway-errors.ts";

const TEXTS = { reasons: gatewayReasonTexts, codes: gatewayErrorTexts };

/** A failure in words a program's author reads: what happened, and what to do. The chat's commands are none of them. */
export function toDialectError(
	error: AppError,
	requestId: string,
	supportUrl: string | undefined,
): DialectError {
	const { message, suggestion } = toErrorBody(error, "en", requestId, supportUrl, TEXTS).error;
	const support = supportUrl === undefined ? "" : ` ${supportUrl}`;
	return {
		status: error.status,
		code: error.code,
		message: `${message} ${suggestion}${support}`,
		requestId,
	};
}
