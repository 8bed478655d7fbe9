import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ann, context, event, ignored, message, parse, privateChat } from "../testing/inbound-samples.ts";
import { toInbound } from "./to-inbound.ts";

describe("hostile bodies", () => {
	test.each([
		[null],
		["text"],
		[[]],
		[{}],
		[{ update_id: "1" }],
		[{ update_id: -1 }],
		[{ update_id: 2 ** 53 }],
		[{ update_id: 1.5 }],
	])("%j is not an update", (body) => {
		expect(toInbound(body, event, context).content).toEqual(ignored("not an update"));
	});

	test("keys of the prototype change nothing", () => {
		const body: unknown = JSON.parse(
			'{"update_id":1,"__proto__":{"admin":true},"message":{"message_id":1,"chat":{"id":5,"type":"private","__proto__":{"x":1}},"from":{"id":5,"is_bot":false,"constructor":{"prototype":{"y":1}}},"text":"hi"}}',
		);
		expect(toInbound(body, event, context).content).toMatchObject({ kind: "text", text: "hi" });
		expect(Reflect.get({}, "admin") ?? Reflect.get({}, "x") ?? Reflect.get({}, "y")).toBeUndefined();
	});

	test("one odd field costs nobody the answer", () => {
		expect(
			message({
				text: "hi",
				entities: "nonsense",
				media_group_id: 5,
				reply_to_message: 7,
				via_bot: undefined,
			}),
		).toMatchObject({ kind: "text", text: "hi" });
	});

	test("text beyond every limit is cut, never through a character", () => {
		const content = message({ text: `a${"😀".repeat(10_000)}` });
		expect(content).toMatchObject({ kind: "text" });
		const text = content.kind === "text" ? content.text : "";
		expect(text.length).toBeLessThanOrEqual(8192);
		expect(text.isWellFormed()).toBe(true);
	});

	test("a name is made safe and short", () => {
		const from = { ...ann, first_name: `\u202e${"n".repeat(500)}` };
		const { sender } = parse({ message: { message_id: 1, chat: privateChat, from, text: "x" } });
		expect(sender?.displayName).toHaveLength(128);
		expect(sender?.displayName).not.toContain("\u202e");
	});

	test("no JSON makes it throw", () => {
		const anything = fc.jsonValue({ maxDepth: 5 });
		const almost = fc.record({
			update_id: fc.oneof(fc.nat(), anything),
			message: fc.oneof(
				anything,
				fc.record({
					message_id: fc.oneof(fc.nat(), anything),
					chat: fc.oneof(
						fc.record({ id: fc.integer(), type: fc.constantFrom("private", "group", "channel") }),
						anything,
					),
					from: fc.oneof(fc.record({ id: fc.nat(), is_bot: fc.boolean() }), anything),
					text: fc.oneof(fc.string(), anything),
					entities: fc.oneof(
						fc.array(fc.record({ type: fc.constant("mention"), offset: fc.nat(), length: fc.nat() })),
						anything,
					),
					reply_to_message: anything,
					photo: anything,
				}),
			),
			callback_query: anything,
		});
		fc.assert(
			fc.property(fc.oneof(anything, almost), (body) => {
				const inbound = toInbound(body, event, context);
				expect(inbound.chat.platform).toBe("telegram");
			}),
			{ numRuns: 500, seed: 20_261_120 },
		);
	});
});
