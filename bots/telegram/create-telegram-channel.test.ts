import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Channel } from "../../core/channels/channel.ts";
import type { Chat } from "../../core/pipeline/message.ts";
import type { TelegramTransport } from "./api/transport.ts";
import { createTransport } from "./api/transport.ts";
import { createBotClient } from "./client/bot-client.ts";
import { createTelegramChannel } from "./create-telegram-channel.ts";
import type { FakeBot, FakeTelegram } from "./testing/fake-telegram.ts";
import { startFakeTelegram } from "./testing/fake-telegram.ts";

let telegram: FakeTelegram;
let bot: FakeBot;
let transport: TelegramTransport;
let channel: Channel;

beforeEach(async () => {
	telegram = await startFakeTelegram({ seed: 11 });
	bot = telegram.addBot();
	transport = createTransport({ apiRoot: telegram.url });
	channel = createTelegramChannel({
		clients: new Map([[String(bot.id), createBotClient(bot.token, transport)]]),
		identityOf: () => undefined,
		commandNames: new Set(),
	});
	bot.privateChat({ id: 5 }).sendText("hi");
});

afterEach(async () => {
	await transport.close();
	await telegram.close();
});

function chat(id: number, fields: Partial<Chat> = {}): Chat {
	return {
		platform: "telegram",
		botId: String(bot.id),
		id: String(id),
		kind: id > 0 ? "private" : "group",
		...fields,
	};
}

function part(markdown: string) {
	const [first] = channel.render({ markdown });
	if (first === undefined) throw new Error("nothing rendered");
	return first;
}

async function send(markdown = "hello", to = chat(5)) {
	return await channel.send(to, part(markdown), {});
}

describe("sending", () => {
	test("HTML, buttons, a reply, a topic; no previews of addresses", async () => {
		const group = bot.group({ id: -100, topics: [8] });
		const asked = group.sendText("/help", { from: { id: 6, is_bot: false, first_name: "B" } });
		const [rendered] = channel.render({
			markdown: "**hi** https://x.y",
			buttons: [[{ label: "Yes", data: "y:1" }]],
		});
		if (rendered === undefined) throw new Error("nothing rendered");
		const result = await channel.send(chat(-100, { topicId: "8" }), rendered, {
			replyToMessageId: String(asked),
		});
		expect(result).toEqual({ kind: "sent", messageId: "2" });
		expect(group.visibleMessages()[0]).toMatchObject({
			text: "hi https://x.y",
			entities: [{ type: "bold" }],
			buttons: [[{ text: "Yes", callback_data: "y:1" }]],
			replyToMessageId: asked,
			topicId: 8,
		});
	});

	test("a question that was deleted meanwhile is answered all the same", async () => {
		const asked = bot.chat(5).sendText("question");
		bot.chat(5).deleteMessage(asked);
		expect(await channel.send(chat(5), part("answer"), { replyToMessageId: String(asked) })).toMatchObject({
			kind: "sent",
		});
	});

	test("an empty text with a file sends the file alone", async () => {
		const attachment = { filename: "export.json", text: '{"a":1}' };
		expect(await channel.send(chat(5), { text: "", plain: "", attachment }, {})).toEqual({
			kind: "sent",
			messageId: "2",
		});
		expect(bot.chat(5).visibleMessages()[0]?.document).toEqual({
			filename: "export.json",
			content: '{"a":1}',
		});
	});

	test("follows a group that became a supergroup", async () => {
		bot.group({ id: -100 }).migrate(-1_001_000_000_100);
		expect(await send("hello", chat(-100))).toMatchObject({ kind: "sent" });
		expect(bot.chat(-1_001_000_000_100).visibleTexts()).toEqual(["hello"]);
	});

	test("what Telegram would not parse is refused, and goes as plain text", async () => {
		const broken = { text: "<b>x", plain: "x" };
		expect(await channel.send(chat(5), broken, {})).toMatchObject({ kind: "refused" });
		expect(await channel.send(chat(5), { ...broken, text: broken.plain }, {})).toMatchObject({
			kind: "sent",
		});
		expect(await channel.send(chat(5), { text: "a<b & c", plain: "a<b & c" }, {})).toMatchObject({
			kind: "sent",
		});
		expect(bot.chat(5).visibleTexts()).toEqual(["x", "a<b & c"]);
	});
});

describe("what a failure means", () => {
	test.each([
		["429", { kind: "rate-limit", retryAfterSeconds: 7 }, { kind: "not-sent", retryAfterMs: 7000 }],
		["a dropped connection", { kind: "drop-after" }, { kind: "unknown" }],
		["500", { kind: "server-error" }, { kind: "unknown" }],
		["a proxy's 502", { kind: "html-error" }, { kind: "unknown" }],
		["a proxy's 403", { kind: "html-error", status: 403 }, { kind: "not-sent" }],
		[
			"a revoked token",
			{ kind: "refuse", status: 401, description: "Unauthorized" },
			{ kind: "not-sent", retryAfterMs: 60_000 },
		],
		[
			"too large",
			{ kind: "refuse", status: 413, description: "Request Entity Too Large" },
			{ kind: "refused" },
		],
		[
			"a closed topic",
			{ kind: "refuse", status: 400, description: "Bad Request: TOPIC_CLOSED" },
			{ kind: "undeliverable" },
		],
		[
			"no right to write",
			{
				kind: "refuse",
				status: 400,
				description: "Bad Request: not enough rights to send text messages to the chat",
			},
			{ kind: "undeliverable" },
		],
	] as const)("%s", async (_, fault, expected) => {
		bot.faults.failNext("sendMessage", fault);
		expect(await send()).toMatchObject(expected);
	});

	test("blocked, unknown, or not ours: undeliverable", async () => {
		bot.chat(5).block();
		expect(await send()).toMatchObject({ kind: "undeliverable" });
		expect(await send("x", chat(999))).toMatchObject({ kind: "undeliverable" });
		expect(await send("x", chat(5, { botId: "1" }))).toMatchObject({ kind: "undeliverable" });
	});

	test("Telegram is away: not sent", async () => {
		await telegram.close();
		expect(await send()).toMatchObject({ kind: "not-sent" });
		telegram = await startFakeTelegram();
	});

	test("no reason tells the token", async () => {
		bot.faults.failNext("sendMessage", { kind: "drop-after" });
		expect(JSON.stringify(await send())).not.toContain(bot.token.split(":")[1]);
	});
});

describe("editing", () => {
	test("changes the text; the same text again counts as done", async () => {
		await send("…");
		expect(await channel.edit(chat(5), "2", part("**done**"))).toEqual({ kind: "sent", messageId: "2" });
		expect(await channel.edit(chat(5), "2", part("**done**"))).toEqual({ kind: "sent", messageId: "2" });
		expect(bot.chat(5).visibleMessages()[0]?.history).toEqual(["…", "done"]);
	});

	test("a message that is gone, or never was ours, is missing", async () => {
		await send("…");
		bot.chat(5).deleteMessage(2);
		expect(await channel.edit(chat(5), "2", part("x"))).toMatchObject({ kind: "missing" });
		expect(await channel.edit(chat(5), "1", part("x"))).toMatchObject({ kind: "missing" });
	});

	test("a message of a group that moved is missing, so that a new one follows", async () => {
		bot.group({ id: -100 });
		await send("…", chat(-100));
		bot.chat(-100).migrate(-1_001_000_000_100);
		expect(await channel.edit(chat(-100), "1", part("x"))).toMatchObject({ kind: "missing" });
		expect(await send("x", chat(-100))).toMatchObject({ kind: "sent" });
	});

	test("an answer that was lost is unknown, and repeating it is harmless", async () => {
		await send("…");
		bot.faults.failNext("editMessageText", { kind: "drop-after" });
		expect(await channel.edit(chat(5), "2", part("x"))).toMatchObject({ kind: "unknown" });
		expect(await channel.edit(chat(5), "2", part("x"))).toMatchObject({ kind: "sent" });
	});
});

describe("while it works", () => {
	test("a draft grows, can be stopped, and is gone with the message", async () => {
		expect(await channel.draft(chat(5), 41, "Hel")).toMatchObject({ kind: "sent" });
		expect(await channel.draft(chat(5), 41, "Hello **wor")).toMatchObject({ kind: "sent" });
		expect(bot.chat(5).drafts()).toMatchObject([
			{ text: "Hello **wor", canStop: true, history: ["Hel", "Hello **wor"] },
		]);
		await send("Hello **world**");
		expect(bot.chat(5).drafts()).toEqual([]);
	});

	test("a draft's id is never 0 and fits 32 bits, whatever core counts with", async () => {
		for (const id of [0, -3, 2 ** 40 + 5, 2_147_483_646]) {
			expect(await channel.draft(chat(5), id, "x")).toMatchObject({ kind: "sent" });
		}
		for (const { draftId } of bot.chat(5).drafts()) {
			expect(draftId).toBeGreaterThan(0);
			expect(draftId).toBeLessThanOrEqual(2_147_483_647);
		}
	});

	test("a server without drafts is asked once", async () => {
		bot.faults.failNext("sendMessageDraft", { kind: "refuse", status: 404, description: "Not Found" });
		for (let times = 0; times < 3; times += 1) {
			expect(await channel.draft(chat(5), 1, "x")).toMatchObject({ kind: "refused" });
		}
		expect(telegram.calls().filter(({ method }) => method === "sendMessageDraft")).toHaveLength(1);
	});

	test("a chat without drafts is asked once, others still have them", async () => {
		bot.privateChat({ id: 6 }).sendText("hi");
		bot.faults.failNext("sendMessageDraft", {
			kind: "refuse",
			status: 400,
			description: "Bad Request: TEXTDRAFT_PEER_INVALID",
		});
		for (let times = 0; times < 3; times += 1) {
			expect(await channel.draft(chat(5), 1, "x")).toMatchObject({ kind: "refused" });
		}
		expect(await channel.draft(chat(6), 1, "x")).toMatchObject({ kind: "sent" });
		expect(telegram.calls().filter(({ method }) => method === "sendMessageDraft")).toHaveLength(2);
	});

	test("a limited draft says how long", async () => {
		bot.faults.failNext("sendMessageDraft", { kind: "rate-limit", retryAfterSeconds: 3 });
		expect(await channel.draft(chat(5), 1, "x")).toMatchObject({ kind: "not-sent", retryAfterMs: 3000 });
	});

	test("typing and toasts are shown, and never throw", async () => {
		const inline = channel.render({ markdown: "?", buttons: [[{ label: "A", data: "a" }]] })[0];
		if (inline === undefined) throw new Error("nothing rendered");
		await channel.send(chat(5), inline, {});
		await channel.typing(chat(5));
		expect(bot.chat(5).typingCount()).toBe(1);
		const query = bot.chat(5).pressButton("A");
		await channel.answerAction(chat(5), query, `ok ${"x".repeat(300)}`);
		expect(bot.chat(5).alert(query)?.text).toHaveLength(200);
		await channel.answerAction(chat(5), query, "again");
		await channel.answerAction(chat(5), "unknown");
		bot.faults.failNext("sendChatAction", { kind: "drop-after" });
		await channel.typing(chat(5));
		await channel.typing(chat(5, { botId: "1" }));
	});
});
