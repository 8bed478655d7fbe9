import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { createEventFilter } from "./event-filter.ts";

const words = (text: string): string => `data: {"choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`;
const usage = 'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n';
const done = "data: [DONE]\n\n";

const OPTIONS = { dropsUsage: true, toErrorEvent: () => "data: ours\n\n" };

/** The stream cut at these places. */
function run(stream: string, cuts: readonly number[]): string {
	const bytes = Buffer.from(stream);
	const filter = createEventFilter(OPTIONS);
	const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
	let from = 0;
	let out = "";
	for (const place of [...places, bytes.length]) {
		out += filter.push(bytes.subarray(from, place)).toString("latin1");
		from = place;
	}
	return Buffer.from(out + filter.end().toString("latin1"), "latin1").toString("utf8");
}

describe("the filter of the usage nobody asked for", () => {
	test("takes it out and nothing else, however the stream is cut", () => {
		const stream = `: keep\n\n${words("你好")}${words("b")}${usage}${done}`;
		fc.assert(
			fc.property(fc.array(fc.nat(2_000), { maxLength: 12 }), (cuts) => {
				expect(run(stream, cuts)).toBe(`: keep\n\n${words("你好")}${words("b")}${done}`);
			}),
			{ numRuns: 500 },
		);
	});

	test("takes it out where lines end as on Windows", () => {
		expect(run(`${words("a")}${usage}${done}`.replaceAll("\n", "\r\n"), [10, 90])).toBe(
			`${words("a")}${done}`.replaceAll("\n", "\r\n"),
		);
	});

	test("leaves a usage that comes with a choice, and words that speak of one", () => {
		const stream = `data: {"choices":[{"delta":{"content":"\\"usage\\" \\"choices\\":[]"},"usage":{}}]}\n\n${done}`;
		expect(run(stream, [])).toBe(stream);
	});

	test("holds no more back than it must", () => {
		const filter = createEventFilter(OPTIONS);
		expect(filter.push(Buffer.from(words("a"))).toString()).toBe(words("a"));
		const endless = Buffer.from(`data: ${"x".repeat(70_000)}`);
		expect(filter.push(endless)).toHaveLength(endless.length);
	});
});

describe("the filter of a provider's own errors", () => {
	const error = 'data: {"error":{"message":"org-SECRET is over its limit","code":429}}\n\n';

	test("puts ours in its place and ends there, however the stream is cut", () => {
		const stream = `${words("你好")}${words('\\"error\\":1')}${error}${words("after")}${done}`;
		fc.assert(
			fc.property(fc.array(fc.nat(2_000), { maxLength: 12 }), (cuts) => {
				expect(run(stream, cuts)).toBe(`${words("你好")}${words('\\"error\\":1')}data: ours\n\n`);
			}),
			{ numRuns: 500 },
		);
	});

	test("finds Anthropic's, and one at the very end without its empty line", () => {
		const event = 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"x"}}';
		expect(run(`${words("a")}${event}`, [20])).toBe(`${words("a")}data: ours\n\n`);
	});

	test("leaves an error that is none", () => {
		const stream = `data: {"choices":[{"delta":{"content":"a"}}],"error":null}\n\n${done}`;
		expect(run(stream, [])).toBe(stream);
	});

	test("understands lines that end in a carriage return", () => {
		const stream = `${words("a")}${usage}${words("b")}${error}`.replaceAll("\n", "\r");
		expect(run(stream, [30])).toBe(`${`${words("a")}${words("b")}`.replaceAll("\n", "\r")}data: ours\n\n`);
	});
});
