import type { DialectError } from "../dialects/types.ts";
import type { AppError } from "../errors.ts";
import { toErrorBody } from "../pipeline/render-failure.ts";
import { reasonTexts } from "../texts/error-reasons.ts";
import { gatewayNextTexts } from "../texts/gateway.ts";
import type { Text } from "../texts/say.ts";
import { say } from "../texts/say.ts";

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
		message: `${message}${words} ${findNext(error) ?? suggestion}${support}`,
		requestId,
	};
}

/** A reason has words of its own; a code alone may have those of the chat, whose commands no program knows. */
function findNext({ code, details: { reason } }: AppError): string | undefined {
	if (typeof reason === "string" && Object.hasOwn(reasonTexts, reason)) return undefined;
	const texts: Readonly<Record<string, Text>> = gatewayNextTexts;
	const text = Object.hasOwn(texts, code) ? texts[code] : undefined;
	return text === undefined ? undefined : say(text, "en");
}
