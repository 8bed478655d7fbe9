import { z } from "zod";
import type { GatewayCall } from "../call.ts";

const thinkingSchema = z.looseObject({ type: z.literal("enabled"), budget_tokens: z.number() });
/** The least Anthropic takes. Source: Claude docs, "Extended thinking", read 2026-11-20. */
const BUDGET_MIN = 1_024;
/** Of the answer's length; the rest is for what is said. */
const SHARE = 0.8;
const FIELD_BYTES_MAX = 512;

/**
 * How long a model may think where less was paid for than the caller asked: its budget must stay below the answer's length, or
 * Anthropic refuses the call. Undefined: the caller's own words will do.
 */
export function fitThinking({ bytes, scanned }: GatewayCall, outputTokensMax: number): object | undefined {
	const member = scanned.members.get("thinking");
	if (member === undefined || member.end - member.start > FIELD_BYTES_MAX) return undefined;
	const parsed = thinkingSchema.safeParse(parse(bytes.toString("utf8", member.start, member.end)));
	if (!parsed.success || parsed.data.budget_tokens < outputTokensMax) return undefined;
	const budget = Math.floor(outputTokensMax * SHARE);
	return budget < BUDGET_MIN ? { type: "disabled" } : { ...parsed.data, budget_tokens: budget };
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
