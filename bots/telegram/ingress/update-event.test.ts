import { expect, test } from "@jest/globals";
import { toLane } from "../../../core/core.ts";
import { toInbound } from "../inbound/to-inbound.ts";
import { toEvent } from "./update-event.ts";

const botId = "700";
const from = { id: 5, is_bot: false, first_name: "A" };
const privateChat = { id: 5, type: "private" };
const group = { id: -100, type: "supergroup" };
const context = { identity: { botId, username: "rock_bot" }, commandNames: new Set<string>() };

const said = (fields: object = {}) => ({ message_id: 1, chat: privateChat, from, text: "hi", ...fields });
const inTopic = { chat: group, message_thread_id: 8, is_topic_message: true };

test.each([
	["a message", { message: said() }, "telegram:700:5", 20],
	["a group message", { message: said({ chat: group }) }, "telegram:700:-100", 50],
	["a topic's message", { message: said(inTopic) }, "telegram:700:-100:8", 50],
	[
		"a reply thread is no topic",
		{ message: said({ chat: group, message_thread_id: 8 }) },
		"telegram:700:-100",
		50,
	],
	["/stop", { message: said({ text: "/stop" }) }, "telegram:700:5#fast", 100],
	["/STOP@rock_bot now", { message: said({ text: "/STOP@rock_bot now" }) }, "telegram:700:5#fast", 100],
	["/stopwatch", { message: said({ text: "/stopwatch" }) }, "telegram:700:5", 20],
	["a forwarded /stop", { message: said({ text: "/stop", forward_origin: {} }) }, "telegram:700:5", 20],
	["a press", { callback_query: { id: "q", from, message: said(), data: "x" } }, "telegram:700:5#fast", 100],
	[
		"a press in a topic",
		{ callback_query: { id: "q", from, message: said(inTopic), data: "x" } },
		"telegram:700:-100:8#fast",
		100,
	],
	["Stop", { stopped_message_generation: { chat: privateChat, draft_id: 1 } }, "telegram:700:5#fast", 100],
	["a checkout", { pre_checkout_query: { id: "1", from } }, "telegram:700:5#fast", 100],
	["an edit", { edited_message: said() }, "telegram:700:5", 20],
	[
		"a block",
		{ my_chat_member: { chat: privateChat, from, new_chat_member: { status: "kicked" } } },
		"telegram:700:5",
		20,
	],
	["a channel post", { channel_post: said({ chat: { id: -9, type: "channel" } }) }, "telegram:700:-9", 50],
	["something new", { something_new: { chat: privateChat } }, "telegram:700:0", 10_000],
	["a message without a chat", { message: { text: "x" } }, "telegram:700:0", 10_000],
])("the lane of %s, the same as its Inbound has", (_, fields, lane, queueMax) => {
	const update = { update_id: 12, ...fields };
	const event = toEvent(update, botId, (raw) => raw);
	expect(event).toMatchObject({ eventId: "12", lane, queueMax, isQuarantined: false });
	const { chat } = toInbound(JSON.parse(event.bodyJson), { botId, eventId: "12" }, context);
	expect(toLane({ chat }, lane.endsWith("#fast") ? "fast" : "normal")).toBe(lane);
});

test("the same update is the same text, however its JSON was spaced", () => {
	const spaced: unknown = JSON.parse('{ "update_id" : 1,\n "message": { "text": "\\u0068i" } }');
	const dense: unknown = JSON.parse('{"update_id":1,"message":{"text":"hi"}}');
	expect(toEvent(spaced, botId, (raw) => raw)).toEqual(toEvent(dense, botId, (raw) => raw));
});
