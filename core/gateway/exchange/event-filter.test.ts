import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { AppError } from "../../errors.ts";
import { createEventFilter, EVENT_BYTES_MAX } from "./event-filter.ts";

const words = (text: string): string => `data: {"choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`;
const usage = 'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n';
const done = "data: [DONE]\n\n";

const OPTIONS = { dropsUsage: true, toErrorEvent: () => "data: ours\n\n" };

/** The stream cut at these places. */
function run(stream: string, cuts: readonly number[]): string {
	const bytes = Buffer.from(stream);
	return Buffer.from([...feed(bytes, cuts)].join(""), "latin1").toString("utf8");
}

/** What comes out of each piece, a unit a byte. */
function* feed(bytes: Buffer, cuts: readonly number[]): Generator<string> {
	const filter = createEventFilter(OPTIONS);
	const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
	let from = 0;
	for (const place of [...places, bytes.length]) {
		yield filter.push(bytes.subarray(from, place)).toString("latin1");
		from = place;
	}
	yield filter.end().toString("latin1");
}

function runToFailure(stream: string, cuts: readonly number[]): { out: string; code: string | undefined } {
	let out = "";
	try {
		for (const piece of feed(Buffer.from(stream), cuts)) out += piece;
	} catch (error) {
		return { out, code: (error as AppError).code };
	}
	return { out, code: undefined };
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
		expect(filter.push(Buffer.from(`${words("b")}data: {`)).toString()).toBe(words("b"));
	});
});

describe("an event", () => {
	const long = words(`你${"x".repeat(200_000)}`);

	test("goes on when it is whole, however long it is and however it is cut", () => {
		const stream = `${words("a")}${long}${words("b")}${long.replaceAll("\n", "\r\n")}${done}`;
		fc.assert(
			fc.property(fc.array(fc.nat(500_000), { maxLength: 40 }), (cuts) => {
				expect(run(stream, cuts)).toBe(stream);
			}),
			{ numRuns: 100 },
		);
	});

	test("that breaks off is not begun", () => {
		const cuts = fc.tuple(fc.integer({ min: 1, max: long.length - 3 }), fc.array(fc.nat(200_000)));
		fc.assert(
			fc.property(cuts, ([length, places]) => {
				expect(run(`${words("a")}${long.slice(0, length)}`, places)).toBe(words("a"));
			}),
			{ numRuns: 100 },
		);
	});

	test("at the very end may lack its empty line, but not its data", () => {
		expect(run(`${words("a")}data: [DONE]`, [])).toBe(`${words("a")}data: [DONE]`);
		expect(run(`${words("a")}${words("b").trim()}\n`, [70])).toBe(`${words("a")}${words("b").trim()}\n`);
		expect(run(`${words("a")}event: message_stop\n`, [])).toBe(words("a"));
	});

	test("of more than 1 MiB ends the stream behind what came before it, however it is cut", () => {
		const endless = `data: ${"x".repeat(EVENT_BYTES_MAX)}`;
		for (const stream of [endless, `${endless}\n\n${words("b")}`]) {
			fc.assert(
				fc.property(fc.array(fc.nat(1_200_000), { maxLength: 20 }), (cuts) => {
					expect(runToFailure(`${words("a")}${stream}`, cuts)).toEqual({
						out: words("a"),
						code: "ROUTER_NO_PROVIDER",
					});
				}),
				{ numRuns: 20 },
			);
		}
	});

	test("in very many pieces costs no more than in a few", () => {
		const filter = createEventFilter(OPTIONS);
		const bytes = Buffer.from(words("x".repeat(EVENT_BYTES_MAX - 100)));
		let copied = 0;
		for (let at = 0; at < bytes.length; at += 8) copied += filter.push(bytes.subarray(at, at + 8)).length;
		expect(copied).toBe(bytes.length);
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
