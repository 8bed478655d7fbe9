import type { Finish, Usage } from "../../dialects/types.ts";
import type { Place } from "../../models/exchange.ts";
import type { FinishReason, ProviderUsage } from "../../providers/provider.ts";
import type { GatewayHead } from "../gateway.ts";

/** Where an answer came from, as a caller may know it. */
export function toPlaceHead({ route, number }: Place): NonNullable<GatewayHead["place"]> {
	const { providerId: provider, region } = route.provider;
	return { provider, region, attempts: number + 1 };
}

/** Calling a tool is an end like any other. */
export function toFinishReason(finish: Finish | undefined): FinishReason {
	return finish === undefined ? "other" : finish === "tool" ? "stop" : finish;
}

/** What is charged: everything that went in, however it was priced at the vendor. */
export function toProviderUsage(usage: Usage | undefined): ProviderUsage | undefined {
	return usage === undefined
		? undefined
		: { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens };
}

/** Tokens are words and syllables; only runs of spaces are longer than this. */
const TOKEN_BYTES_MAX = 32;

/** So many tokens at least are in a text of this length: what is reported below is nonsense. */
export function toLeastTokens(length: number): number {
	return Math.floor(length / TOKEN_BYTES_MAX);
}
