import type { AppError } from "../errors.ts";
import { toAppError } from "../errors.ts";
import type {
	FinishReason,
	Provider,
	ProviderEndpoint,
	ProviderRequest,
	ProviderUsage,
} from "../providers/provider.ts";

/** What came of a stream, however it ended. */
export type Delivered = {
	readonly text: string;
	/** undefined: it did not come to its end. */
	readonly finishReason: FinishReason | undefined;
	readonly usage: ProviderUsage | undefined;
	/** Why it broke; undefined when it ended by itself or was aborted. */
	readonly failure: AppError | undefined;
	readonly isAborted: boolean;
	readonly firstTokenMs: number | undefined;
	readonly latencyMs: number;
};

/** Reads one answer to its end. Never throws. */
export async function runStream(
	provider: Provider,
	endpoint: ProviderEndpoint,
	request: ProviderRequest,
	signal: AbortSignal,
	onText: (text: string, isFirst: boolean) => void,
): Promise<Delivered> {
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
	return {
		// A character may come in two halves; half of one is no text.
		text: pieces.join("").toWellFormed(),
		finishReason,
		usage,
		failure,
		isAborted: signal.aborted && finishReason === undefined,
		firstTokenMs,
		latencyMs: performance.now() - startMs,
	};
}
