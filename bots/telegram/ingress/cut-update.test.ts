import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { toInbound } from "../inbound/to-inbound.ts";
import { toEvent } from "./update-event.ts";

const botId = "700";
const CODE = "ABCDE-12345";
const context = { identity: { botId, username: "rock_bot" }, commandNames: new Set(["bind"]) };
const ann = { id: 5, is_bot: false, first_name: "Ann" };
const bot = { id: 700, is_bot: true, first_name: "Rock", username: "rock_bot" };
const privateChat = { id: 5, type: "private" };
const group = { id: -100, type: "supergroup", title: "Friends" };
const shown = { message_id: 2, date: 1, chat: privateChat, from: bot, text: `/bind ${CODE}` };
const said = { message_id: 3, date: 2, chat: privateChat, from: ann, text: "hello" };
const isIgnored = (update: unknown): boolean => read(update).content.kind === "ignored";

function read(update: unknown) {
	return toInbound(update, { botId, eventId: "12" }, context);
}

function store(fields: object) {
	const update = { update_id: 12, ...fields };
	const { bodyJson, bodyHash } = toEvent(update, botId, (raw) => raw, isIgnored);
	return { update, bodyHash, text: bodyJson, body: JSON.parse(bodyJson) };
}

const inGroup = { ...said, chat: group };
const mention = (name: string) => [{ type: "mention", offset: 0, length: name.length }];

describe("what shows a message a second time is stored without its words, and means the same", () => {
	test.each<[string, object]>([
		["a reply", { message: { ...said, reply_to_message: shown } }],
		["a reply to a reply", { message: { ...said, reply_to_message: { ...said, reply_to_message: shown } } }],
		["a quote", { message: { ...said, quote: { text: CODE, position: 0 } } }],
		[
			"a reply to another chat",
			{ message: { ...said, external_reply: { origin: {}, poll: { question: CODE } } } },
		],
		["a pinned message", { message: { ...said, text: undefined, pinned_message: shown } }],
		["a finished giveaway", { message: { ...said, giveaway_completed: { giveaway_message: shown } } }],
		["what is new to us", { message: { ...said, something_new: { message: shown } } }],
		["a press", { callback_query: { id: "q", from: ann, message: shown, data: "x:1", chat_instance: "c" } }],
		[
			"a press under a reply",
			{
				callback_query: {
					id: "q",
					from: ann,
					data: "x:1",
					message: { ...shown, text: "?", reply_to_message: shown },
				},
			},
		],
		["an edit", { edited_message: { ...said, text: CODE } }],
		["a channel post", { channel_post: { ...said, text: CODE, chat: { id: -9, type: "channel" } } }],
		[
			"an edited channel post",
			{ edited_channel_post: { ...said, caption: CODE, chat: { id: -9, type: "channel" } } },
		],
		["an update of a new kind", { something_new: shown }],
		[
			"keys of the prototype",
			JSON.parse(`{"__proto__":{"text":"${CODE}"},"constructor":{"text":"${CODE}"}}`),
		],
		[
			"a reply to the bot in a group",
			{ message: { ...inGroup, reply_to_message: { ...shown, chat: group } } },
		],
		[
			"talk of a topic",
			{ message: { ...inGroup, reply_to_message: { ...shown, forum_topic_created: { name: CODE } } } },
		],
	])("%s", (_, fields) => {
		const { update, body, text, bodyHash } = store(fields);
		expect(text).not.toContain(CODE);
		expect(bodyHash).toBe(createHash("sha256").update(JSON.stringify(update)).digest("hex"));
		const { why: _1, ...now } = { why: "", ...read(body).content };
		const { why: _2, ...before } = { why: "", ...read(update).content };
		expect(now).toEqual(before);
		expect({ ...read(body), content: 0 }).toMatchObject({ ...read(update), content: 0 });
	});
});

describe("what nobody says to the bot is stored without its words", () => {
	test.each<[string, object]>([
		["talk of a group", { text: CODE }],
		["a caption in a group", { text: undefined, photo: [{}], caption: CODE }],
		["talk with somebody else", { text: `@ann ${CODE}`, entities: mention("@ann") }],
		["a command for another bot", { text: `/bind@other_bot ${CODE}` }],
		["a command for another bot in a private chat", { chat: privateChat, text: `/bind@other_bot ${CODE}` }],
		["a forward into a group", { text: CODE, forward_origin: { type: "user" } }],
		[
			"another bot's words",
			{ text: `@rock_bot ${CODE}`, entities: mention("@rock_bot"), from: { ...bot, id: 8 } },
		],
		["an anonymous admin's words", { text: `/bind ${CODE}`, sender_chat: { id: -100 } }],
	])("%s", (_, fields) => {
		const { text, body } = store({ message: { ...inGroup, ...fields } });
		expect(text).not.toContain(CODE);
		expect(read(body).content.kind).toBe("ignored");
	});
});

describe("what is said to the bot is stored as it came", () => {
	test.each<[string, object]>([
		["words", said],
		["a picture", { ...said, text: undefined, photo: [{ file_id: "f" }], caption: "what is this?" }],
		["a forward", { ...said, forward_origin: { type: "user" } }],
		["a command in a group", { ...inGroup, text: `/bind ${CODE}` }],
		["a mention", { ...inGroup, text: "@rock_bot hi", entities: mention("@rock_bot") }],
	])("%s", (_, message) => {
		const { update, text, bodyHash } = store({ message });
		expect(text).toBe(JSON.stringify(update));
		expect(bodyHash).toBeUndefined();
	});
});
