import type { FinishReason, ProviderEvent, ProviderUsage } from "../providers/provider.ts";

export type CollectedAnswer = {
	readonly text: string;
	readonly pieces: number;
	readonly finishReason: FinishReason | undefined;
	readonly usage: ProviderUsage | undefined;
	/** What the call threw after the text above. */
	readonly error: unknown;
};

/** Reads an answer to its end or its failure. */
export async function collectAnswer(events: AsyncIterable<ProviderEvent>): Promise<CollectedAnswer> {
	let text = "";
	let pieces = 0;
	let finishReason: FinishReason | undefined;
	let usage: ProviderUsage | undefined;
	let error: unknown;
	try {
		for await (const event of events) {
			if (finishReason !== undefined) throw new Error("an event after the end");
			if (event.kind === "text") {
				text += event.text;
				pieces += 1;
			} else {
				finishReason = event.finishReason;
				usage = event.usage;
			}
		}
	} catch (caught) {
		error = caught;
	}
	return { text, pieces, finishReason, usage, error };
}
