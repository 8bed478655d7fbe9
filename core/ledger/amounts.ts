import { AppError } from "../errors.ts";
import { AMOUNT_MICRO_MAX } from "./ledger.ts";

/** Most tokens a grant or a daily grant may have (the limit of plans.daily_tokens). */
export const GRANT_TOKENS_MAX = 1_000_000_000;

/** @throws AppError INTERNAL unless whole and in 0..AMOUNT_MICRO_MAX: a caller's bug, never a user's mistake. */
export function assertMicro(name: string, value: number): void {
	if (Number.isSafeInteger(value) && value >= 0 && value <= AMOUNT_MICRO_MAX) return;
	throw new AppError("INTERNAL", `${name} must be a whole number of micro-tokens, not ${value}`);
}

/** @throws AppError REQUEST_INVALID unless whole and in 1..GRANT_TOKENS_MAX */
export function assertGrantTokens(tokens: number): void {
	assertTokens("tokens", tokens, 1);
}

/** @throws AppError REQUEST_INVALID unless whole and in 0..GRANT_TOKENS_MAX */
export function assertDailyTokens(dailyTokens: number): void {
	assertTokens("dailyTokens", dailyTokens, 0);
}

function assertTokens(field: string, tokens: number, min: number): void {
	if (Number.isSafeInteger(tokens) && tokens >= min && tokens <= GRANT_TOKENS_MAX) return;
	throw new AppError(
		"REQUEST_INVALID",
		`${field} must be a whole number of ${min}..${GRANT_TOKENS_MAX}, not ${tokens}`,
		{
			details: { field, reason: "out_of_range", min, max: GRANT_TOKENS_MAX },
		},
	);
}
