import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Agent } from "undici";
import type { FakeBot, FakeTelegram } from "./fake-telegram.ts";
import { startFakeTelegram } from "./fake-telegram.ts";

type Answer = {
	readonly ok?: boolean;
	readonly result?: Readonly<Record<string, unknown>>;
	readonly error_code?: number;
	readonly description?: string;
	readonly parameters?: Readonly<Record<string, number>>;
};

let telegram: FakeTelegram;
let bot: FakeBot;
let agent: Agent;

beforeEach(async () => {
	telegram = await startFakeTelegram({ seed: 7 });
	bot = telegram.addBot({ username: "rock_bot" });
	agent = new Agent();
});

afterEach(async () => {
	await agent.destroy();
	await telegram.close();
});

async function call(method: string, payload: object = {}, token = bot.token): Promise<Answer> {
	const { body } = await agent.request({
		origin: telegram.url,
		path: `/bot${token}/${method}`,
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify(payload),
	});
	return (await body.json()) as Answer;
}

async function poll(payload: object = {}): Promise<readonly Readonly<Record<string, unknown>>[]> {
	return (await call("getUpdates", payload)).result as unknown as readonly Readonly<
		Record<string, unknown>
	>[];
}

/** A webhook receiver that answers what `statusOf` says. */
async function listen(statusOf: (updateId: number) => number) {
	const seen: { readonly updateId: number; readonly secret: string | undefined }[] = [];
	const http = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const { update_id } = JSON.parse(Buffer.concat(chunks).toString()) as { update_id: number };
			const secret = request.headers["x-telegram-bot-api-secret-token"];
			seen.push({ updateId: update_id, secret: secret === undefined ? undefined : String(secret) });
			response.writeHead(statusOf(update_id)).end();
		});
	});
	await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
	return {
		seen,
		url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/hook`,
		close: async () => {
			http.closeAllConnections();
			await new Promise((resolve) => http.close(resolve));
		},
	};
}

async function until(condition: () => boolean): Promise<void> {
	for (let tries = 0; tries < 500 && !condition(); tries += 1) {
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
	expect(condition()).toBe(true);
}

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

describe("faults", () => {
	test("a dropped call had its effect; a call dropped before had none", async () => {
		const chat = bot.privateChat({ id: 5 });
		chat.sendText("hi");
		chat.faults.failNext("sendMessage", { kind: "drop-after" });
		bot.faults.failNext("sendMessage", { kind: "drop-before" });
		await expect(call("sendMessage", { chat_id: 5, text: "one" })).rejects.toThrow();
		expect(chat.visibleTexts()).toEqual(["one"]);
		await expect(call("sendMessage", { chat_id: 5, text: "two" })).rejects.toThrow();
		expect(chat.visibleTexts()).toEqual(["one"]);
	});

	test("a limited chat stays limited until its time is over, others go on", async () => {
		let nowMs = 1_000_000;
		const own = await startFakeTelegram({ nowMs: () => nowMs });
		const other = own.addBot();
		for (const id of [1, 2]) other.privateChat({ id }).sendText("hi");
		const send = async (chat_id: number) => {
			const { body } = await agent.request({
				origin: own.url,
				path: `/bot${other.token}/sendMessage`,
				method: "POST",
				headers: { "content-type": "application/x-www-form-urlencoded" },
				body: `chat_id=${chat_id}&text=x`,
			});
			return (await body.json()) as Answer;
		};
		other.chat(1).faults.failNext("sendMessage", { kind: "rate-limit", retryAfterSeconds: 3 });
		expect(await send(1)).toMatchObject({ error_code: 429, parameters: { retry_after: 3 } });
		nowMs += 1000;
		expect(await send(1)).toMatchObject({ error_code: 429, parameters: { retry_after: 2 } });
		expect(await send(2)).toMatchObject({ ok: true });
		nowMs += 2000;
		expect(await send(1)).toMatchObject({ ok: true });
		await own.close();
	});

	test("the same seed fails the same calls", async () => {
		const run = async () => {
			const own = await startFakeTelegram({ seed: 42 });
			const other = own.addBot();
			other.privateChat({ id: 1 }).sendText("hi");
			own.faults.rates = { rateLimit: 0, serverError: 0.3 };
			const outcomes: boolean[] = [];
			for (let at = 0; at < 30; at += 1) {
				const { statusCode, body } = await agent.request({
					origin: own.url,
					path: `/bot${other.token}/sendMessage?chat_id=1&text=x`,
					method: "GET",
				});
				await body.dump();
				outcomes.push(statusCode === 200);
			}
			await own.close();
			return outcomes;
		};
		const first = await run();
		expect(new Set(first)).toEqual(new Set([true, false]));
		expect(await run()).toEqual(first);
	});

	test("an outage refuses or answers as a proxy does, and ends", async () => {
		telegram.setOutage("refuse");
		await expect(call("getMe")).rejects.toThrow();
		telegram.setOutage("bad-gateway");
		await expect(call("getMe")).rejects.toThrow(/JSON/);
		telegram.setOutage(undefined);
		expect(await call("getMe")).toMatchObject({ ok: true });
	});
});

describe("long polling", () => {
	test("waits for an update, gives it again until it is confirmed", async () => {
		const chat = bot.privateChat({ id: 5 });
		const waiting = poll({ timeout: 20 });
		await until(() => bot.updates.isPolled());
		chat.sendText("hello");
		const [first] = await waiting;
		expect(first).toMatchObject({ message: { text: "hello", chat: { id: 5, type: "private" } } });
		expect(await poll()).toHaveLength(1);
		expect(await poll({ offset: Number(first?.["update_id"]) + 1 })).toHaveLength(0);
	});

	test("gives nothing back after its time-out", async () => {
		expect(await poll({ timeout: 1 })).toEqual([]);
	});

	test("a second poller ends the first with 409", async () => {
		const first = call("getUpdates", { timeout: 20 });
		await until(() => bot.updates.isPolled());
		const second = call("getUpdates", { timeout: 20 });
		expect(await first).toMatchObject({ error_code: 409 });
		bot.privateChat({ id: 5 }).sendText("x");
		expect(await second).toMatchObject({ ok: true });
	});

	test("is refused while a webhook is set", async () => {
		await call("setWebhook", { url: "http://127.0.0.1:1/hook" });
		expect(await call("getUpdates")).toMatchObject({ error_code: 409 });
		await call("deleteWebhook");
		expect(await call("getUpdates")).toMatchObject({ ok: true });
	});

	test("gives only the kinds that were asked for", async () => {
		await poll({ allowed_updates: ["callback_query"] });
		bot.privateChat({ id: 5 }).sendText("x");
		expect(await poll()).toEqual([]);
	});

	test("a hung-up poller does not swallow what comes next", async () => {
		const aborter = new AbortController();
		const gone = agent.request({
			origin: telegram.url,
			path: `/bot${bot.token}/getUpdates?timeout=20`,
			method: "GET",
			signal: aborter.signal,
		});
		await until(() => bot.updates.isPolled());
		aborter.abort();
		await expect(gone).rejects.toThrow();
		bot.privateChat({ id: 5 }).sendText("x");
		expect(await poll({ timeout: 5 })).toHaveLength(1);
	});
});

describe("webhook", () => {
	test("sends the secret, retries until 2xx, keeps a chat's order, lets other chats pass", async () => {
		const first = bot.privateChat({ id: 1 });
		const failures = new Map<number, number>();
		let sick = 0;
		const hook = await listen((updateId) => {
			if (updateId !== sick) return 200;
			const times = (failures.get(updateId) ?? 0) + 1;
			failures.set(updateId, times);
			return times < 3 ? 503 : 200;
		});
		bot.webhook.retryBaseMs = 5;
		await call("setWebhook", { url: hook.url, secret_token: "s3cret_-A" });
		sick = bot.updates.push("message", "chat:1", { text: "one" }) ?? 0;
		const second = bot.updates.push("message", "chat:1", { text: "two" });
		const other = bot.updates.push("message", "chat:2", { text: "three" });
		await until(() => bot.updates.pending().length === 0);
		const ids = hook.seen.map(({ updateId }) => updateId);
		expect(ids.filter((id) => id === sick)).toHaveLength(3);
		expect(ids.filter((id) => id !== other)).toEqual([sick, sick, sick, second]);
		expect(ids.indexOf(other ?? 0)).toBeLessThan(ids.lastIndexOf(sick));
		expect(hook.seen.every(({ secret }) => secret === "s3cret_-A")).toBe(true);
		expect(first.visibleTexts()).toEqual([]);
		await hook.close();
	});

	test("hands over what waited, tells its state, posts duplicates, drops on request", async () => {
		const hook = await listen(() => 200);
		bot.privateChat({ id: 1 }).sendText("early");
		bot.webhook.duplicateRate = 0.5;
		await call("setWebhook", { url: hook.url, max_connections: 7 });
		for (let at = 0; at < 20; at += 1) bot.privateChat({ id: 1 }).sendText(`${at}`);
		await until(() => hook.seen.length > 21 && bot.updates.pending().length === 0);
		expect(await call("getWebhookInfo")).toMatchObject({
			result: { url: hook.url, pending_update_count: 0, max_connections: 7 },
		});
		await hook.close();
		bot.webhook.duplicateRate = 0;
		bot.privateChat({ id: 2 }).sendText("late");
		await until(() => bot.webhook.info()["last_error_message"] !== undefined);
		expect(bot.webhook.info()).toMatchObject({ pending_update_count: 1 });
		await call("deleteWebhook", { drop_pending_updates: true });
		expect(await poll()).toEqual([]);
	});

	test.each([
		[{ url: "nonsense" }, "invalid webhook URL specified"],
		[{ url: "http://127.0.0.1/x", secret_token: "a b" }, "secret token contains unallowed characters"],
	])("refuses %j", async (payload, reason) => {
		expect(await call("setWebhook", payload)).toMatchObject({ description: `Bad Request: ${reason}` });
	});
});

describe("groups", () => {
	const ann = { id: 77, is_bot: false, first_name: "Ann" };

	test("in privacy mode the bot sees commands, mentions and replies only", async () => {
		const group = bot.group({ id: -100_500 });
		group.sendText("nobody asked", { from: ann });
		const own = await call("sendMessage", { chat_id: -100_500, text: "I am here" });
		group.sendText("/help@other_bot", { from: ann });
		group.sendText("/help", { from: ann });
		group.sendText("hey @rock_bot", { from: ann });
		group.sendText("yes", { from: ann, replyTo: Number(own.result?.["message_id"]) });
		const texts = (await poll()).map((update) => (update["message"] as { text: string }).text);
		expect(texts).toEqual(["/help", "hey @rock_bot", "yes"]);
	});

	test("a group that became a supergroup says so to who still writes to it", async () => {
		const group = bot.group({ id: -5 });
		group.migrate(-1_001_000_000_005);
		expect(await call("sendMessage", { chat_id: -5, text: "x" })).toMatchObject({
			error_code: 400,
			parameters: { migrate_to_chat_id: -1_001_000_000_005 },
		});
		expect(await call("sendMessage", { chat_id: -1_001_000_000_005, text: "x" })).toMatchObject({ ok: true });
		expect(await poll()).toMatchObject([{ message: { migrate_to_chat_id: -1_001_000_000_005 } }]);
	});
});
