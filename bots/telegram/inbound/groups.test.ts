import { describe, expect, test } from "@jest/globals";
import {
	ann,
	context,
	event,
	group,
	ignored,
	inGroup,
	message,
	ours,
	parse,
} from "../testing/inbound-samples.ts";
import { toInbound } from "./to-inbound.ts";

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
