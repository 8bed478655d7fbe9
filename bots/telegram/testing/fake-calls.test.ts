import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { FakeBot } from "./fake-telegram.ts";
import type { FakeWorld } from "./fake-world.ts";
import { startFakeWorld } from "./fake-world.ts";

let world: FakeWorld;
let bot: FakeBot;
let call: FakeWorld["call"];
let poll: FakeWorld["poll"];

beforeEach(async () => {
	world = await startFakeWorld();
	({ bot, call, poll } = world);
});

afterEach(async () => await world.close());

describe("calls", () => {
	test("an unknown token is 401, an unknown method or path 404", async () => {
		expect(await call("getMe", {}, "1:nobody")).toMatchObject({ ok: false, error_code: 401 });
		expect(await call("makeTea")).toMatchObject({ ok: false, error_code: 404 });
		expect(await call("getMe", {}, "rubbish")).toMatchObject({ ok: false, error_code: 404 });
		expect(await call("getMe")).toMatchObject({ ok: true, result: { username: "rock_bot" } });
	});

	test("sends HTML, keeps what is visible and its entities", async () => {
		const chat = bot.privateChat({ id: 5 });
		chat.sendText("hi");
		const text =
			'<b>a &lt;<i>b</i></b> <a href="https://x.y/?a=1&amp;b=2">l</a><pre><code class="language-ts">c</code></pre>';
		const answer = await call("sendMessage", { chat_id: 5, text, parse_mode: "HTML" });
		expect(answer.result).toMatchObject({
			text: "a <b lc",
			entities: [
				{ type: "bold", offset: 0, length: 4 },
				{ type: "italic", offset: 3, length: 1 },
				{ type: "text_link", offset: 5, length: 1, url: "https://x.y/?a=1&b=2" },
				{ type: "pre", offset: 6, length: 1, language: "ts" },
			],
		});
		expect(chat.visibleTexts()).toEqual(["a <b lc"]);
	});

	test.each([
		["<b>x", 'Can\'t find end tag corresponding to start tag "b"'],
		["x</b>", "Unexpected end tag at byte offset 1"],
		["ы<x>y</x>", 'Unsupported start tag "x" at byte offset 2'],
		["<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'],
		["a<b", "Unclosed start tag at byte offset 1"],
	])("refuses %j as the real parser does", async (text, reason) => {
		bot.privateChat({ id: 5 }).sendText("hi");
		const answer = await call("sendMessage", { chat_id: 5, text, parse_mode: "HTML" });
		expect(answer).toMatchObject({
			error_code: 400,
			description: `Bad Request: can't parse entities: ${reason}`,
		});
	});

	test.each([
		[{ text: "" }, "message text is empty"],
		[{ text: "<b> </b>", parse_mode: "HTML" }, "message text is empty"],
		[{ text: "x".repeat(4097) }, "message is too long"],
		[{ text: "x", reply_parameters: { message_id: 999 } }, "message to be replied not found"],
		[{ text: "x", message_thread_id: 3 }, "message thread not found"],
		[
			{ text: "x", reply_markup: { inline_keyboard: [[{ text: "a", callback_data: "ы".repeat(33) }]] } },
			"BUTTON_DATA_INVALID",
		],
		[
			{ text: "x", reply_markup: { inline_keyboard: [[{ text: "a" }]] } },
			"can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
		],
	])("refuses a bad message (case %#)", async (payload, reason) => {
		bot.privateChat({ id: 5 }).sendText("hi");
		const answer = await call("sendMessage", { chat_id: 5, ...payload });
		expect(answer).toMatchObject({ error_code: 400, description: `Bad Request: ${reason}` });
	});

	test("says who cannot be written to", async () => {
		expect(await call("sendMessage", { chat_id: 9, text: "x" })).toMatchObject({
			description: "Bad Request: chat not found",
		});
		const chat = bot.privateChat({ id: 9 });
		expect(await call("sendMessage", { chat_id: 9, text: "x" })).toMatchObject({ error_code: 403 });
		chat.sendText("hi");
		chat.block();
		expect(await call("sendMessage", { chat_id: 9, text: "x" })).toMatchObject({
			error_code: 403,
			description: "Forbidden: bot was blocked by the user",
		});
		chat.unblock();
		expect(await call("sendMessage", { chat_id: 9, text: "x" })).toMatchObject({ ok: true });
	});

	test("edits, and says when nothing changed or there is nothing to edit", async () => {
		const chat = bot.privateChat({ id: 5 });
		const own = chat.sendText("hi");
		const sent = await call("sendMessage", { chat_id: 5, text: "…" });
		const message_id = sent.result?.["message_id"];
		expect(await call("editMessageText", { chat_id: 5, message_id, text: "done" })).toMatchObject({
			ok: true,
		});
		expect(chat.visibleMessages()[0]?.history).toEqual(["…", "done"]);
		const again = await call("editMessageText", { chat_id: 5, message_id, text: "done" });
		expect(again.description).toContain("message is not modified");
		const foreign = await call("editMessageText", { chat_id: 5, message_id: own, text: "done" });
		expect(foreign.description).toBe("Bad Request: message can't be edited");
		chat.deleteMessage(Number(message_id));
		const gone = await call("editMessageText", { chat_id: 5, message_id, text: "x" });
		expect(gone.description).toBe("Bad Request: message to edit not found");
	});

	test("a draft is shown until something is said, and only in private", async () => {
		const chat = bot.privateChat({ id: 5 });
		chat.sendText("hi");
		bot.group({ id: -100 });
		expect(await call("sendMessageDraft", { chat_id: -100, draft_id: 1, text: "x" })).toMatchObject({
			error_code: 400,
		});
		expect(await call("sendMessageDraft", { chat_id: 5, draft_id: 0, text: "x" })).toMatchObject({
			error_code: 400,
		});
		await call("sendMessageDraft", { chat_id: 5, draft_id: 3, text: "x", can_stop: true });
		await call("sendMessageDraft", { chat_id: 5, draft_id: 3, text: "xy", can_stop: true });
		expect(chat.drafts()).toMatchObject([{ draftId: 3, text: "xy", history: ["x", "xy"] }]);
		chat.pressStop();
		await call("sendMessage", { chat_id: 5, text: "final" });
		expect(chat.drafts()).toEqual([]);
		expect((await poll()).at(-1)).toMatchObject({ stopped_message_generation: { draft_id: 3 } });
	});

	test("a press spins until it is answered, once", async () => {
		const chat = bot.privateChat({ id: 5 });
		chat.sendText("hi");
		const inline_keyboard = [[{ text: "Yes", callback_data: "y:1" }]];
		await call("sendMessage", { chat_id: 5, text: "?", reply_markup: { inline_keyboard } });
		const id = chat.pressButton("Yes");
		expect((await poll()).at(-1)).toMatchObject({ callback_query: { id, data: "y:1", from: { id: 5 } } });
		expect(chat.alert(id)).toBeUndefined();
		await call("answerCallbackQuery", { callback_query_id: id, text: "ok" });
		expect(chat.alert(id)).toEqual({ text: "ok", showAlert: false });
		expect(await call("answerCallbackQuery", { callback_query_id: id })).toMatchObject({ error_code: 400 });
		expect(() => chat.pressButton("No")).toThrow("no button");
	});
});
