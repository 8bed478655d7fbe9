import { createLineSplitter } from "./line-splitter.ts";

/** One event of a stream as it stood on the wire; `event` is empty where none was named. */
export type SseEvent = { readonly event: string; readonly data: string };

export type SseParser = {
	push(text: string): void;
	/** Nothing more comes: an event that lacks only its empty line counts, as the vendors' own packages have it. */
	end(): void;
};

/** UTF-16 units of one line, and of all data of one event. No provider's line comes near; a hostile one never ends. */
export const LINE_LENGTH_MAX = 1024 * 1024;

const SPACE = 32;
/** A byte order mark, decoded as UTF-8 or byte by byte. */
const BYTE_ORDER_MARK = /^(?:\uFEFF|\u00EF\u00BB\u00BF)/;

/**
 * Server-sent events out of decoded text (WHATWG HTML, "Interpreting an event stream"): comments and unknown fields are
 * skipped, an event without data is none. `onTooLong` is told once; nothing is read after it.
 */
export function createSseParser(onEvent: (event: SseEvent) => void, onTooLong: () => void): SseParser {
	let event = "";
	let data: string | undefined;
	let isFirstLine = true;
	let isBroken = false;
	const lines = createLineSplitter(LINE_LENGTH_MAX, readLine, breakOff);

	function readLine(raw: string): void {
		if (isBroken) return;
		const line = isFirstLine ? raw.replace(BYTE_ORDER_MARK, "") : raw;
		isFirstLine = false;
		if (line === "") dispatch();
		else if (line.startsWith("data:")) addData(readValue(line, 5));
		else if (line.startsWith("event:")) event = readValue(line, 6);
	}

	function addData(value: string): void {
		data = data === undefined ? value : `${data}\n${value}`;
		if (data.length > LINE_LENGTH_MAX) breakOff();
	}

	function dispatch(): void {
		const complete = data === undefined ? undefined : { event, data };
		event = "";
		data = undefined;
		if (complete !== undefined) onEvent(complete);
	}

	function breakOff(): void {
		if (!isBroken) onTooLong();
		isBroken = true;
		data = undefined;
	}

	return {
		push: (text) => lines.push(text),
		end() {
			lines.end();
			if (!isBroken) dispatch();
		},
	};
}

function readValue(line: string, from: number): string {
	return line.slice(line.charCodeAt(from) === SPACE ? from + 1 : from);
}
