import type { AppError } from "../errors.ts";
import { toAppError } from "../errors.ts";
import type {
	FinishReason,
	Provider,
	ProviderEndpoint,
	ProviderRequest,
	ProviderUsage,
} from "../providers/provider.ts";
import { toLeastOutput } from "./amounts.ts";
import { countTokens } from "./count-tokens.ts";
import type { Delivered } from "./exchange.ts";

/** The chat's own words. */
export type StreamedText = Delivered & { readonly text: string };

/** Reads one answer to its end. Never throws. */
export async function runStream(
	provider: Provider,
	endpoint: ProviderEndpoint,
	request: ProviderRequest,
	signal: AbortSignal,
	onText: (text: string, isFirst: boolean) => void,
): Promise<StreamedText> {
	const startMs = performance.now();
	const pieces: string[] = [];
	let finishReason: FinishReason | undefined;
	let usage: ProviderUsage | undefined;
	let failure: AppError | undefined;
	let firstTokenMs: number | undefined;
	try {
		for await (const event of provider.stream(endpoint, request, signal)) {
			if (event.kind === "end") {
				finishReason = event.finishReason;
				usage = event.usage;
			} else {
				// What is shown now and what is stored must be one text, and no database takes U+0000.
				const text = event.text.replaceAll("\0", "\ufffd");
				pieces.push(text);
				const isFirst = firstTokenMs === undefined;
				firstTokenMs ??= performance.now() - startMs;
				onText(text, isFirst);
			}
		}
	} catch (error) {
		if (!signal.aborted) failure = toAppError(error);
	}
	// A character may come in two halves; half of one is no text.
	const text = pieces.join("").toWellFormed();
	return {
		text,
		hasContent: text !== "",
		countOutput: async () => await countTokens(text),
		leastOutput: async () => toLeastOutput(await countTokens(text)),
		finishReason,
		usage,
		failure,
		isAborted: signal.aborted && finishReason === undefined,
		firstTokenMs,
		latencyMs: performance.now() - startMs,
	};
}
