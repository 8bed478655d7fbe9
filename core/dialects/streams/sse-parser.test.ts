import { expect, test } from "@jest/globals";
import type { SseEvent } from "./sse-parser.ts";
import { createSseParser, LINE_LENGTH_MAX } from "./sse-parser.ts";

function parse(...pieces: readonly string[]): { events: readonly SseEvent[]; tooLong: number } {
	const events: SseEvent[] = [];
	let tooLong = 0;
	const parser = createSseParser(
		(event) => events.push(event),
		() => {
			tooLong += 1;
		},
	);
	for (const piece of pieces) parser.push(piece);
	parser.end();
	return { events, tooLong };
}

test.each([
	["LF", "data: a\n\ndata: b\n\n"],
	["CRLF", "data: a\r\n\r\ndata: b\r\n\r\n"],
	["CR", "data: a\r\rdata: b\r\r"],
	["all of them", "data: a\r\n\rdata: b\n\r\n"],
	["a byte order mark", "\uFEFFdata: a\n\ndata: b\n\n"],
	["comments and other fields", ": hi\nid: 3\ndata: a\nretry: 5\n\n:\n\ndata\ndata: b\n\n"],
	["no space and no last line", "data:a\n\ndata:b"],
])("%s", (_, text) => {
	const { events } = parse(text);
	expect(events.map(({ data }) => data)).toEqual(["a", "b"]);
	expect(parse(...text)).toEqual(parse(text));
});

test("lines of one event are joined; a name lasts for one event", () => {
	for (const end of ["\n", "\r\n", "\r"]) {
		const text = ["event: x", "data: 1", "data: 2", "", "data: 3", "", ""].join(end);
		const expected = [
			{ event: "x", data: "1\n2" },
			{ event: "", data: "3" },
		];
		expect(parse(text).events).toEqual(expected);
		expect(parse(...text).events).toEqual(expected);
	}
});

test("an event without data is none", () => {
	expect(parse("event: x\n\n\n\n").events).toEqual([]);
});

test("a line of the greatest length is read, a longer one ends it all, however it comes", () => {
	const longest = `data:${"x".repeat(LINE_LENGTH_MAX - 5)}`;
	expect(parse(`${longest}\n\n`)).toMatchObject({ tooLong: 0 });
	for (const pieces of [[`${longest}x\n\ndata: a\n\n`], [longest, "x", "\n\ndata: a\n\n"], [`${longest}x`]]) {
		expect(parse(...pieces)).toEqual({ events: [], tooLong: 1 });
	}
});

test("a line that never ends is given up while it comes, not at its end", () => {
	let tooLong = 0;
	const parser = createSseParser(
		() => undefined,
		() => {
			tooLong += 1;
		},
	);
	for (let count = 0; count < 3; count += 1) parser.push("x".repeat(LINE_LENGTH_MAX));
	expect(tooLong).toBe(1);
});

test("many short lines of one event are bounded together", () => {
	const line = `data:${"x".repeat(1_000)}\n`;
	expect(parse(...Array.from({ length: 1_100 }, () => line), "\ndata: a\n\n")).toEqual({
		events: [],
		tooLong: 1,
	});
});
