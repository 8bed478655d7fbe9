/** Where answers are shown. One answer grows at a time; nothing throws, a screen that is gone says so. */
export type Screen = {
	/** The whole text so far of the answer that is on its way. */
	draft(markdown: string): void;
	/** A finished message. False when it certainly or possibly was not shown. */
	message(markdown: string): Promise<boolean>;
	/** Our own words, such as why nothing was sent. */
	notice(text: string): void;
	/** Somebody works on an answer. */
	working(): void;
	/** Aborted when nobody can read us any more (EPIPE, closed terminal). */
	readonly gone: AbortSignal;
};

/** Anything text can be written to. */
export type Output = NodeJS.WritableStream & { readonly columns?: number };

export type Writer = {
	/** Resolves false when the text did not get out. */
	write(text: string): Promise<boolean>;
	readonly gone: AbortSignal;
};

/** Writes until the reader leaves; then everything is quietly dropped. */
export function createWriter(output: Output): Writer {
	const gone = new AbortController();
	output.on("error", () => gone.abort());
	output.on("close", () => gone.abort());
	return {
		gone: gone.signal,
		async write(text) {
			if (gone.signal.aborted) return false;
			if (text === "") return true;
			return await new Promise<boolean>((resolve) => {
				const onGone = (): void => resolve(false);
				gone.signal.addEventListener("abort", onGone, { once: true });
				output.write(text, (error) => {
					gone.signal.removeEventListener("abort", onGone);
					if (error) gone.abort();
					resolve(!error);
				});
			});
		},
	};
}
