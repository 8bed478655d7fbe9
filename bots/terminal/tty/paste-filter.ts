import type { TransformCallback } from "node:stream";
import { Transform } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** Stands for a line end inside pasted text, so that several pasted lines are one message. */
export const PASTED_NEWLINE = "␤";

/** Asks the terminal to mark what is pasted (source: xterm control sequences, "bracketed paste mode"). */
export const PASTE_MARKS_ON = "\x1b[?2004h";
export const PASTE_MARKS_OFF = "\x1b[?2004l";

const BEGIN = "\x1b[200~";
const END = "\x1b[201~";

/** Between the keyboard and readline: typed keys pass as they are, pasted line ends and tabs become text. */
export function createPasteFilter(): Transform {
	const decoder = new StringDecoder("utf8");
	let rest = "";
	let isPasting = false;

	function takeAll(): string {
		let out = "";
		for (;;) {
			const mark = isPasting ? END : BEGIN;
			const at = rest.indexOf(mark);
			if (at === -1) break;
			out += toKeys(rest.slice(0, at), isPasting);
			rest = rest.slice(at + mark.length);
			isPasting = !isPasting;
		}
		const held = heldLength(rest, isPasting ? END : BEGIN);
		out += toKeys(rest.slice(0, rest.length - held), isPasting);
		rest = rest.slice(rest.length - held);
		return out;
	}

	return new Transform({
		transform(chunk: Buffer, _encoding, done: TransformCallback) {
			rest += decoder.write(chunk);
			done(null, takeAll());
		},
		flush(done: TransformCallback) {
			done(null, toKeys(rest, isPasting));
		},
	});
}

/** How much of the end may be the beginning of a mark. A lone Escape is a key and is not held. */
function heldLength(text: string, mark: string): number {
	for (let length = Math.min(mark.length - 1, text.length); length > 1; length -= 1) {
		if (text.endsWith(mark.slice(0, length))) return length;
	}
	return 0;
}

function toKeys(text: string, isPasted: boolean): string {
	if (!isPasted) return text;
	return text
		.replace(/\r\n?|\n/g, PASTED_NEWLINE)
		.replaceAll("\t", "    ")
		.replace(/\p{Cc}/gu, "");
}
