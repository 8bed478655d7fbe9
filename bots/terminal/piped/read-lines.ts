export type Line = { readonly text: string; readonly isTooLong: boolean };

/**
 * The lines of a pipe, one at a time: nothing more is read while nobody asks. Of a line over `lengthMax` UTF-16 units only
 * that much is kept. The last line needs no end. A pipe that breaks counts as ended.
 */
export async function* readLines(input: NodeJS.ReadableStream, lengthMax: number): AsyncGenerator<Line> {
	const decoder = new TextDecoder();
	let rest = "";
	let isTooLong = false;

	function add(text: string): void {
		rest += text;
		if (rest.length <= lengthMax) return;
		rest = rest.slice(0, lengthMax);
		isTooLong = true;
	}
	function take(): Line {
		const line = { text: rest.endsWith("\r") ? rest.slice(0, -1) : rest, isTooLong };
		rest = "";
		isTooLong = false;
		return line;
	}

	for await (const chunk of untilBroken(input)) {
		const text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
		const [first = "", ...others] = text.split("\n");
		add(first);
		for (const next of others) {
			yield take();
			add(next);
		}
	}
	add(decoder.decode());
	if (rest !== "") yield take();
}

async function* untilBroken(input: NodeJS.ReadableStream): AsyncGenerator<string | Buffer> {
	try {
		yield* input;
	} catch {
		// The writer is gone; what came is what there is.
	}
}
