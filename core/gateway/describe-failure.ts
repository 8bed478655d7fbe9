import { toErrorBody } from "../dialects/dialect.ts";
import type { AppError } from "../errors.ts";
import type { GatewayFailure, GatewayRequest } from "./gateway.ts";
import { toDialectError } from "./to-dialect-error.ts";

/** Where the vendors' own packages wait before they try again. */
const RETRY_SECONDS_DEFAULT = 5;

/** A failure before the answer began, as the caller's SDK expects it. */
export function describeFailure(
	surface: GatewayRequest["surface"],
	error: AppError,
	requestId: string,
	supportUrl: string | undefined,
): GatewayFailure {
	const body = toErrorBody(
		surface === "embeddings" ? "openai" : surface,
		toDialectError(error, requestId, supportUrl),
	);
	const { status, code } = error;
	return {
		...{ status, code, body: JSON.stringify(body) },
		...{ retryAfterSeconds: toRetryAfter(error), place: toPlace(error) },
	};
}

function toPlace({ details: { provider, region, attempts } }: AppError): GatewayFailure["place"] {
	if (typeof provider !== "string" || typeof region !== "string" || typeof attempts !== "number")
		return undefined;
	return { provider, region, attempts };
}

function toRetryAfter({ details, status }: AppError): number | undefined {
	const { retryAfterMs } = details;
	if (typeof retryAfterMs === "number" && retryAfterMs >= 0)
		return Math.max(1, Math.ceil(retryAfterMs / 1_000));
	return status === 429 || status === 503 ? RETRY_SECONDS_DEFAULT : undefined;
}
