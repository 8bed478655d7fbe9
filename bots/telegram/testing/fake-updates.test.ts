import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { eventually } from "../../../core/testing/eventually.ts";
import type { FakeBot, FakeTelegram } from "./fake-telegram.ts";
import type { FakeWorld } from "./fake-world.ts";
import { listenForUpdates, startFakeWorld } from "./fake-world.ts";

let world: FakeWorld;
let telegram: FakeTelegram;
let bot: FakeBot;
let call: FakeWorld["call"];
let poll: FakeWorld["poll"];

beforeEach(async () => {
	world = await startFakeWorld();
	({ telegram, bot, call, poll } = world);
});

afterEach(async () => await world.close());

describe("long polling", () => {
	test("waits for an update, gives it again until it is confirmed", async () => {
		const chat = bot.privateChat({ id: 5 });
		const waiting = poll({ timeout: 20 });
		await eventually(() => bot.updates.isPolled());
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
		await eventually(() => bot.updates.isPolled());
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
		const gone = world.agent.request({
			origin: telegram.url,
			path: `/bot${bot.token}/getUpdates?timeout=20`,
			method: "GET",
			signal: aborter.signal,
		});
		await eventually(() => bot.updates.isPolled());
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
		const hook = await listenForUpdates((updateId) => {
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
		await eventually(() => bot.updates.pending().length === 0);
		const ids = hook.seen.map(({ updateId }) => updateId);
		expect(ids.filter((id) => id === sick)).toHaveLength(3);
		expect(ids.filter((id) => id !== other)).toEqual([sick, sick, sick, second]);
		expect(ids.indexOf(other ?? 0)).toBeLessThan(ids.lastIndexOf(sick));
		expect(hook.seen.every(({ secret }) => secret === "s3cret_-A")).toBe(true);
		expect(first.visibleTexts()).toEqual([]);
		await hook.close();
	});

	test("hands over what waited, tells its state, posts duplicates, drops on request", async () => {
		const hook = await listenForUpdates(() => 200);
		bot.privateChat({ id: 1 }).sendText("early");
		bot.webhook.duplicateRate = 0.5;
		await call("setWebhook", { url: hook.url, max_connections: 7 });
		for (let at = 0; at < 20; at += 1) bot.privateChat({ id: 1 }).sendText(`${at}`);
		await eventually(() => hook.seen.length > 21 && bot.updates.pending().length === 0);
		expect(await call("getWebhookInfo")).toMatchObject({
			result: { url: hook.url, pending_update_count: 0, max_connections: 7 },
		});
		await hook.close();
		bot.webhook.duplicateRate = 0;
		bot.privateChat({ id: 2 }).sendText("late");
		await eventually(() => bot.webhook.info()["last_error_message"] !== undefined);
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
