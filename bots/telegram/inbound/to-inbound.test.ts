import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { InboundContent } from "../../../core/pipeline/message.ts";
import { toInbound } from "./to-inbound.ts";

const botId = "700";
const event = { botId, eventId: "1" };
const context = {
	identity: { botId, username: "Rock_bot" },
	commandNames: new Set(["help", "usage"]),
};
const ann = { id: 5, is_bot: false, first_name: "Ann", last_name: "Lee", language_code: "zh-hans" };
const privateChat = { id: 5, type: "private", first_name: "Ann" };
const group = { id: -100, type: "supergroup", title: "G" };
const ours = { message_id: 3, from: { id: 700, is_bot: true }, chat: group, text: "hi" };

function parse(update: object) {
	return toInbound({ update_id: 1, ...update }, event, context);
}

function message(fields: object): InboundContent {
	return parse({ message: { message_id: 9, date: 1, from: ann, chat: privateChat, ...fields } }).content;
}

function inGroup(text: string, fields: object = {}): InboundContent {
	const entities = [...text.matchAll(/@\w+/g)].map((match) => ({
		type: "mention",
		offset: match.index,
		length: match[0].length,
	}));
	return message({ chat: group, text, entities, ...fields });
}

function ignored(why: string) {
	return { kind: "ignored", why };
}

describe("private messages", () => {
	test("says who wrote what where", () => {
		expect(
			parse({ message: { message_id: 9, date: 1, from: ann, chat: privateChat, text: "hello" } }),
		).toEqual({
			sender: { platform: "telegram", botId, userId: "5", displayName: "Ann Lee", languageHint: "zh-hans" },
			chat: { platform: "telegram", botId, id: "5", kind: "private" },
			messageId: "9",
			content: { kind: "text", text: "hello", forwarded: false },
		});
	});

	test.each([
		["/start abc-DEF_1", "/start abc-DEF_1"],
		["/help@rock_BOT me", "/help me"],
		["/help", "/help"],
		["/unknown thing", "/unknown thing"],
		["/path/to/file", "/path/to/file"],
		["／help", "／help"],
		["hi @rock_bot", "hi @rock_bot"],
	])("%j is handed on as %j", (text, expected) => {
		expect(message({ text })).toEqual({ kind: "text", text: expected, forwarded: false });
	});

	test("a command for another bot is not ours", () => {
		expect(message({ text: "/help@other_bot" })).toEqual(ignored("a command for another bot"));
	});

	test.each([
		["a forward", { forward_origin: { type: "user" } }],
		["an inline bot's words", { via_bot: { id: 4, is_bot: true } }],
	])("%s is marked, so that it is never a command", (_, fields) => {
		expect(message({ text: "/bind ABC", ...fields })).toEqual({
			kind: "text",
			text: "/bind ABC",
			forwarded: true,
		});
	});

	test("a topic of a private chat is kept", () => {
		const fields = { message_thread_id: 44, is_topic_message: true, text: "x" };
		expect(parse({ message: { message_id: 9, from: ann, chat: privateChat, ...fields } }).chat.topicId).toBe(
			"44",
		);
	});
});

describe("media", () => {
	test.each([
		[{ photo: [{}] }, "photo"],
		[{ voice: {} }, "voice"],
		[{ audio: {} }, "audio"],
		[{ video: {} }, "video"],
		[{ video_note: {} }, "video"],
		[{ animation: {}, document: {} }, "video"],
		[{ document: {} }, "file"],
		[{ sticker: {} }, "sticker"],
		[{ venue: {}, location: {} }, "location"],
		[{ contact: {} }, "contact"],
		[{ poll: {} }, "other"],
		[{ dice: {} }, "other"],
	])("%j is %s", (fields, media) => {
		expect(message(fields)).toEqual({ kind: "media", media });
	});

	test("an album's pieces carry its id, a caption is no command", () => {
		expect(message({ photo: [{}], media_group_id: "77", caption: "/bind ABC" })).toEqual({
			kind: "media",
			media: "photo",
			albumId: "77",
			caption: "/bind ABC",
		});
	});

	test("in a group only what calls the bot", () => {
		expect(message({ chat: group, photo: [{}] })).toEqual(ignored("unaddressed group media"));
		expect(message({ chat: group, photo: [{}], caption: "/help" })).toEqual(
			ignored("unaddressed group media"),
		);
		const mention = [{ type: "mention", offset: 0, length: 9 }];
		expect(
			message({ chat: group, photo: [{}], caption: "@Rock_bot look", caption_entities: mention }),
		).toMatchObject({ kind: "media", caption: "look" });
		expect(message({ chat: group, voice: {}, reply_to_message: ours })).toEqual({
			kind: "media",
			media: "voice",
		});
	});
});

describe("groups", () => {
	test.each([
		["@rock_bot hello", "hello"],
		["@rock_bot, hello there", "hello there"],
		["hello @Rock_Bot", "hello"],
		["what, @rock_bot: is it", "what, is it"],
		["@rock_bot /usage", "/usage"],
		["@rock_bot", "/help"],
		["/usage", "/usage"],
		["/usage@rock_bot x", "/usage x"],
		["/secret@rock_bot", "/secret"],
	])("%j is ours: %j", (text, expected) => {
		expect(inGroup(text)).toEqual({ kind: "text", text: expected, forwarded: false });
	});

	test.each([
		["hello", "unaddressed group talk"],
		["hello @rock_bot_fan", "unaddressed group talk"],
		["mail me@rock_botx", "unaddressed group talk"],
		["/usage@other_bot", "a command for another bot"],
		["/weather", "a command for nobody in particular"],
	])("%j is not: %s", (text, why) => {
		expect(inGroup(text)).toEqual(ignored(why));
	});

	test("a reply to the bot is ours, to somebody else it is not", () => {
		expect(inGroup("yes", { reply_to_message: ours })).toMatchObject({ kind: "text", text: "yes" });
		expect(inGroup("/weather", { reply_to_message: ours })).toMatchObject({ kind: "text" });
		expect(inGroup("yes", { reply_to_message: { ...ours, from: { id: 6 } } })).toMatchObject({
			kind: "ignored",
		});
	});

	test("a topic the bot opened does not make all its messages replies", () => {
		const opened = { ...ours, forum_topic_created: { name: "t" } };
		expect(inGroup("talk", { reply_to_message: opened })).toMatchObject({ kind: "ignored" });
	});

	test("a mention by picking the bot from the list counts, by its id", () => {
		const entities = [{ type: "text_mention", offset: 0, length: 4, user: { id: 700, is_bot: true } }];
		expect(message({ chat: group, text: "Rock tell", entities })).toMatchObject({ text: "tell" });
	});

	test("before the bot knows its own name, any bot's name is its own", () => {
		const nameless = { ...context, identity: undefined };
		const read = (text: string) => {
			const entities = [{ type: "mention", offset: 0, length: text.indexOf(" ") }];
			const said = { message_id: 1, from: ann, chat: group, text, entities };
			return toInbound({ update_id: 1, message: said }, event, nameless).content;
		};
		expect(read("@rock_bot x")).toMatchObject({ kind: "text", text: "x" });
		expect(read("/help@rock_bot x")).toMatchObject({ kind: "text", text: "/help x" });
		expect(read("@somebody x")).toMatchObject({ kind: "ignored" });
	});

	test.each([
		["a forward that mentions the bot", { forward_origin: { type: "user" } }, "forwarded group talk"],
		[
			"an anonymous admin",
			{ sender_chat: { id: -100 }, from: { id: 1_087_968_824, is_bot: true } },
			"no sender",
		],
		["a linked channel's post", { is_automatic_forward: true, from: { id: 777_000 } }, "no sender"],
		["nobody", { from: undefined }, "no sender"],
		["another bot", { from: { id: 8, is_bot: true } }, "a bot"],
		["the bot itself", { from: { id: 700, is_bot: false } }, "a bot"],
	])("%s is ignored", (_, fields, why) => {
		expect(inGroup("@rock_bot hello", fields)).toEqual(ignored(why));
	});

	test("nobody is named where nobody is meant", () => {
		const { sender } = parse({
			message: { message_id: 1, chat: group, sender_chat: { id: -100 }, from: ann, text: "/bind A" },
		});
		expect(sender).toBeUndefined();
	});

	test("a group that moves says where to", () => {
		expect(message({ chat: { id: -5, type: "group" }, migrate_to_chat_id: -1005 })).toEqual({
			kind: "chat-migrated",
			toChatId: "-1005",
		});
	});

	test.each([{ new_chat_members: [ann] }, { pinned_message: ours }, { group_chat_created: true }])(
		"service message %# is ignored",
		(fields) => {
			expect(message({ chat: group, ...fields })).toEqual(ignored("service message"));
		},
	);
});

describe("other updates", () => {
	test("a press carries what the button said, cut to what a button can hold", () => {
		const press = {
			id: "q1",
			from: ann,
			message: { message_id: 7, chat: privateChat, date: 0 },
			chat_instance: "1",
		};
		expect(parse({ callback_query: { ...press, data: "tier:BEST" } })).toMatchObject({
			sender: { userId: "5" },
			chat: { id: "5", kind: "private" },
			content: { kind: "action", actionId: "q1", data: "tier:BEST", messageId: "7" },
		});
		const forged = parse({ callback_query: { ...press, data: "x".repeat(5000) } }).content;
		expect(forged).toMatchObject({ kind: "action", data: "x".repeat(64) });
		expect(parse({ callback_query: { ...press, game_short_name: "g" } }).content).toMatchObject({ data: "" });
	});

	test("a press without a message is not ours", () => {
		const content = parse({
			callback_query: { id: "q", from: ann, inline_message_id: "i", data: "x" },
		}).content;
		expect(content).toEqual(ignored("a press outside of our chats"));
	});

	test("Stop under a draft is the person's", () => {
		expect(parse({ stopped_message_generation: { chat: privateChat, draft_id: 3 } })).toEqual({
			sender: { platform: "telegram", botId, userId: "5" },
			chat: { platform: "telegram", botId, id: "5", kind: "private" },
			content: { kind: "stop" },
		});
	});

	test.each([
		["kicked", false],
		["member", true],
	])("blocked or not: %s", (status, reachable) => {
		const change = { chat: privateChat, from: ann, date: 1, new_chat_member: { status } };
		expect(parse({ my_chat_member: change })).toMatchObject({
			sender: { userId: "5" },
			content: { kind: "membership", reachable },
		});
		expect(parse({ my_chat_member: { ...change, chat: group } }).sender).toBeUndefined();
	});

	test.each([
		[{ edited_message: { message_id: 1, chat: privateChat, from: ann, text: "x" } }, "edited"],
		[{ channel_post: { message_id: 1, chat: { id: -9, type: "channel" }, text: "x" } }, "channel post"],
		[{ edited_channel_post: { message_id: 1, chat: { id: -9, type: "channel" } } }, "channel post"],
		[{ message: { message_id: 1, chat: { id: -9, type: "channel" }, from: ann, text: "x" } }, "channel post"],
		[{ pre_checkout_query: { id: "1", from: ann, invoice_payload: "x" } }, "nothing is for sale here"],
		[{ poll: { id: "1" } }, "unknown update"],
		[{ something_new: {} }, "unknown update"],
		[{ message: { nonsense: true } }, "unknown update"],
	])("%j is ignored", (update, why) => {
		expect(parse(update).content).toEqual(ignored(why));
	});
});

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
