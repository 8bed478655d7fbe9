import { describe, expect, test } from "@jest/globals";
import { ann, botId, group, ignored, message, ours, parse, privateChat } from "../testing/inbound-samples.ts";

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
