import { toCutError } from "../provider-error.ts";
import type { Dialect, StreamTranslator } from "../types.ts";
import { createStreamWatch } from "../watch/stream-watch.ts";
import type { SurfaceWriter } from "./surface-writer.ts";

/** A stream for a caller of the provider's own dialect: every byte as it came, and an error in place of a missing end. */
export function createPassThrough(
	dialect: Dialect,
	writer: SurfaceWriter,
	requestId: string,
): StreamTranslator {
	const watch = createStreamWatch(dialect);
	const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
	let isOver = false;
	return {
		push(chunk) {
			if (isOver) return "";
			watch.push(chunk);
			return decoder.decode(chunk, { stream: true });
		},
		end() {
			if (isOver) return "";
			isOver = true;
			watch.end();
			const rest = decoder.decode();
			return watch.isFinished() || watch.reading().errorInBody !== undefined
				? rest
				: `${rest}\n\n${writer.fail(toCutError(requestId))}`;
		},
		fail(error) {
			if (isOver) return "";
			isOver = true;
			return `\n\n${writer.fail(error)}`;
		},
	};
}
