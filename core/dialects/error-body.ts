import type { DialectError, JsonObject, Surface } from "./types.ts";

/** The vendors' word for a status. Sources: OpenAI docs "Error codes", Claude docs "Errors", read 2026-11-20. */
const OPENAI_TYPES: Readonly<Record<number, string>> = {
	400: "invalid_request_error",
	401: "authentication_error",
	402: "insufficient_quota",
	403: "permission_error",
	404: "not_found_error",
	409: "conflict_error",
	413: "invalid_request_error",
	422: "invalid_request_error",
	429: "rate_limit_error",
	503: "overloaded_error",
	504: "timeout_error",
};
const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
	400: "invalid_request_error",
	401: "authentication_error",
	402: "billing_error",
	403: "permission_error",
	404: "not_found_error",
	409: "conflict_error",
	413: "request_too_large",
	422: "invalid_request_error",
	429: "rate_limit_error",
	503: "overloaded_error",
	504: "timeout_error",
	529: "overloaded_error",
};

/** The body a failure has at that surface; status and headers are the caller's to set. */
export function toErrorBody(surface: Surface, error: DialectError): JsonObject {
	if (surface !== "anthropic") return { error: toErrorFields("openai", error) };
	return { type: "error", error: toErrorFields("anthropic", error), request_id: error.requestId };
}

/** What stands under `error`. Anthropic's package reads our code at `details.error_code`. */
export function toErrorFields(dialect: "openai" | "anthropic", error: DialectError): JsonObject {
	const { message, code } = error;
	if (dialect === "openai")
		return { message, type: toType(OPENAI_TYPES, error, "server_error"), param: null, code };
	return { type: toType(ANTHROPIC_TYPES, error, "api_error"), message, code, details: { error_code: code } };
}

function toType(types: Readonly<Record<number, string>>, { status }: DialectError, ours: string): string {
	return types[status] ?? (status < 500 ? "invalid_request_error" : ours);
}
