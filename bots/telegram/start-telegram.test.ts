import { once } from "node:events";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { AcceptOutcome, InboundEvent } from "../../core/core.ts";
import { toStorableJson } from "../../core/inbox/storable-json.ts";
import { eventually } from "../../core/testing/eventually.ts";
import type { SilentLog } from "../../core/testing/silent-log.ts";
import { silentLog } from "../../core/testing/silent-log.ts";
import { telegramTexts } from "../../core/texts/telegram.ts";
import type { TelegramCommand } from "./ingress/register-profile.ts";
import type { RunningTelegram, TelegramMode } from "./ingress/start-ingress.ts";
import type { Telegram } from "./start-telegram.ts";
import { createTelegram } from "./start-telegram.ts";
import type { FakeBot, FakeTelegram } from "./testing/fake-telegram.ts";
import { startFakeTelegram } from "./testing/fake-telegram.ts";

const SECRET = "m4ster-secret_of-43-characters-ABCDEFGHIJKLM";
const COMMANDS: readonly TelegramCommand[] = [
	{ name: "help", descriptions: { en: "Help", "zh-CN": "帮助", ru: "Помощь" }, scopes: ["private", "group"] },
	{ name: "bind", descriptions: { en: "Bind", "zh-CN": "绑定", ru: "Привязать" }, scopes: ["private"] },
];

let fake: FakeTelegram;
let bots: readonly FakeBot[];
let log: SilentLog;
let stored: Map<string, InboundEvent>;
let isDatabaseDown: boolean;
let http: Server;
let telegram: Telegram | undefined;
let running: RunningTelegram | undefined;
let handler: RunningTelegram["handler"];

const core = {
	/** A core that stores in memory, once per id. */
	accept: async (event: InboundEvent): Promise<AcceptOutcome> => {
		await new Promise((resolve) => setImmediate(resolve));
		if (isDatabaseDown) throw new Error("database is down");
		const key = `${event.botId}:${event.eventId}`;
		const isNew = !stored.has(key);
		if (isNew) stored.set(key, event);
		return { kind: isNew ? "new" : "duplicate", inboxId: key };
	},
};

beforeEach(async () => {
	fake = await startFakeTelegram({ seed: 5 });
	bots = [fake.addBot({ username: "first_bot" }), fake.addBot({ username: "second_bot" })];
	for (const { webhook: hook } of bots) {
		hook.retryBaseMs = 5;
		hook.retryMaxMs = 20;
	}
	log = silentLog();
	stored = new Map();
	isDatabaseDown = false;
	handler = undefined;
	http = createServer((request, response) => {
		if (handler?.(request, response) !== true) response.writeHead(404).end();
	});
	http.listen(0, "127.0.0.1");
	await once(http, "listening");
});

afterEach(async () => {
	await running?.stop();
	await telegram?.close();
	await fake.close();
	http.closeAllConnections();
	http.close();
	telegram = undefined;
	running = undefined;
});

function start(mode: TelegramMode, tokens = bots.map(({ token }) => token)): RunningTelegram {
	telegram = createTelegram({
		tokens,
		apiRoot: fake.url,
		mode,
		commands: COMMANDS,
		toStorableJson,
		log,
		timings: { pollTimeoutSeconds: 2, backOffBaseMs: 5, webhookCheckMs: 20 },
	});
	running = telegram.start(core);
	handler = running.handler;
	return running;
}

/** Waits until the expectations hold; fails with what they say. */
async function until(expectations: () => void): Promise<void> {
	const holds = () => {
		try {
			expectations();
			return true;
		} catch {
			return false;
		}
	};
	await eventually(holds).catch(expectations);
}

function webhook(): TelegramMode {
	return {
		kind: "webhook",
		publicUrl: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
		secrets: [SECRET],
	};
}

function texts(bot: FakeBot): readonly unknown[] {
	return [...stored.values()]
		.filter(({ botId }) => botId === String(bot.id))
		.map(({ bodyJson }) => (JSON.parse(bodyJson) as { message?: { text?: string } }).message?.text);
}

describe.each([
	["polling", (): TelegramMode => ({ kind: "polling" })],
	["webhook", webhook],
])("by %s", (_, toMode) => {
	test("updates of several bots come in, in order and once", async () => {
		await start(toMode()).ready;
		for (const bot of bots) {
			for (let at = 0; at < 30; at += 1)
				bot.privateChat({ id: 1 + (at % 3) }).sendText(`${bot.username} ${at}`);
		}
		await until(() => expect(stored.size).toBe(60));
		for (const bot of bots) {
			for (const chat of [0, 1, 2]) {
				const own = texts(bot).filter((text) => Number(String(text).split(" ")[1]) % 3 === chat);
				expect(own).toEqual([...Array(10).keys()].map((at) => `${bot.username} ${at * 3 + chat}`));
			}
		}
	});

	test("while the database is down nothing is lost", async () => {
		await start(toMode()).ready;
		isDatabaseDown = true;
		const [bot] = bots;
		bot?.privateChat({ id: 1 }).sendText("patience");
		await until(() => expect(log.lines.some(({ level }) => level !== "info")).toBe(true));
		expect(stored.size).toBe(0);
		expect(bot?.updates.pending()).toHaveLength(1);
		isDatabaseDown = false;
		await until(() => expect(stored.size).toBe(1));
		await until(() => expect(bot?.updates.pending()).toHaveLength(0));
	});

	test("Telegram being away at the start is waited out", async () => {
		fake.setOutage("bad-gateway");
		const { ready } = start(toMode());
		bots[0]?.privateChat({ id: 1 }).sendText("early");
		await until(() => expect(log.lines.some(({ message }) => message.includes("trying again"))).toBe(true));
		fake.setOutage(undefined);
		await ready;
		await until(() => expect(stored.size).toBe(1));
	});

	test("a revoked token keeps no other bot waiting, and is in no log line", async () => {
		const [first, second] = bots;
		if (first === undefined || second === undefined) throw new Error("two bots");
		fake.removeBot(first.token);
		start(toMode());
		await until(() => expect(log.lines.some(({ message }) => message.includes("known"))).toBe(true));
		second.privateChat({ id: 1 }).sendText("hello");
		await until(() => expect(texts(second)).toEqual(["hello"]));
		await running?.stop();
		const lines = JSON.stringify(log.lines);
		expect(lines).toContain("401");
		for (const { token } of bots) expect(lines).not.toContain(token.split(":")[1]);
	});

	test("menus and descriptions are registered in every language, and not again when nothing changed", async () => {
		await start(toMode()).ready;
		const [bot] = bots;
		await until(() => expect(bot?.commands.size).toBe(6));
		expect(bot?.commands.get("all_private_chats/ru")?.map(({ description }) => description)).toEqual([
			"Помощь",
			"Привязать",
		]);
		expect(bot?.commands.get("all_group_chats/")?.map(({ command }) => command)).toEqual(["help"]);
		expect(bot?.commands.get("all_private_chats/zh")).toHaveLength(2);
		const writes = () => fake.calls().filter(({ method }) => method.startsWith("setMy")).length;
		await until(() => expect(writes()).toBe(24));
		await running?.stop();
		await telegram?.close();
		await start(toMode()).ready;
		const reads = () => fake.calls().filter(({ method }) => method === "getMyShortDescription").length;
		await until(() => expect(reads()).toBe(12));
		expect(writes()).toBe(24);
	});

	test("stops at once", async () => {
		await start(toMode()).ready;
		const startedMs = performance.now();
		await running?.stop();
		expect(performance.now() - startedMs).toBeLessThan(1000);
	});
});

describe("polling", () => {
	test("takes over from a webhook, and gives way to another poller without losing updates", async () => {
		const [bot] = bots;
		if (bot === undefined) throw new Error("a bot");
		await start(webhook(), [bot.token]).ready;
		expect(bot.webhook.isSet()).toBe(true);
		await running?.stop();
		await telegram?.close();
		await start({ kind: "polling" }, [bot.token]).ready;
		await until(() => expect(bot.updates.isPolled()).toBe(true));
		expect(bot.webhook.isSet()).toBe(false);
		const thief = fetch(`${fake.url}/bot${bot.token}/getUpdates?timeout=1`);
		await until(() => expect(log.lines.some(({ message }) => message.includes("somebody else"))).toBe(true));
		await (await thief).text();
		bot.privateChat({ id: 1 }).sendText("still here");
		await until(() => expect(texts(bot)).toEqual(["still here"]));
	});

	test("a restart between the commit and the next offset stores nothing twice", async () => {
		const [bot] = bots;
		if (bot === undefined) throw new Error("a bot");
		await start({ kind: "polling" }, [bot.token]).ready;
		bot.privateChat({ id: 1 }).sendText("once");
		await until(() => expect(stored.size).toBe(1));
		await running?.stop();
		await telegram?.close();
		await start({ kind: "polling" }, [bot.token]).ready;
		bot.privateChat({ id: 1 }).sendText("twice");
		await until(() => expect(texts(bot)).toEqual(["once", "twice"]));
	});

	test("only what is answered is asked for", async () => {
		const [bot] = bots;
		await start({ kind: "polling" }).ready;
		await until(() => expect(bot?.updates.isPolled()).toBe(true));
		expect(bot?.updates.push("poll_answer", "x", {})).toBeUndefined();
		expect(bot?.updates.push("stopped_message_generation", "x", {})).toBeDefined();
	});
});

describe("webhook", () => {
	test("each bot has a path and a secret of its own, and a lost acknowledgement is no second event", async () => {
		await start(webhook()).ready;
		const [first, second] = bots.map((bot) => String(bot.webhook.info()["url"]));
		expect(first).toMatch(/\/telegram\/[\w-]{22}$/);
		expect(first).not.toBe(second);
		const [bot] = bots;
		if (bot === undefined) throw new Error("a bot");
		bot.webhook.duplicateRate = 0.5;
		for (let at = 0; at < 20; at += 1) bot.privateChat({ id: 1 }).sendText(`${at}`);
		await until(() => expect(bot.updates.pending()).toHaveLength(0));
		expect(texts(bot)).toEqual([...Array(20).keys()].map(String));
	});

	test("the secret of before is still taken while it is changed", async () => {
		await start(webhook()).ready;
		const [bot] = bots;
		const before = bot?.webhook.info()["url"];
		await running?.stop();
		await telegram?.close();
		const mode: TelegramMode = {
			kind: "webhook",
			publicUrl: "http://127.0.0.1:1",
			secrets: [`new-${SECRET}`, SECRET],
		};
		// Telegram still posts to the old address with the old secret: setWebhook does not get through.
		for (const one of bots) one.faults.failNext("setWebhook", { kind: "server-error" }, 50);
		start(mode);
		bot?.privateChat({ id: 1 }).sendText("old");
		await until(() => expect(stored.size).toBe(1));
		expect(bot?.webhook.info()["url"]).toBe(before);
	});

	test("one that was removed is set again, one that points elsewhere is an alert", async () => {
		await start(webhook()).ready;
		const [bot] = bots;
		if (bot === undefined) throw new Error("a bot");
		const url = bot.webhook.info()["url"];
		bot.webhook.remove(false);
		await until(() => expect(bot.webhook.info()["url"]).toBe(url));
		await fetch(`${fake.url}/bot${bot.token}/setWebhook?url=http://127.0.0.1:1/other`);
		await until(() => {
			const alerts = log.lines.filter(({ facts }) => JSON.stringify(facts).includes("elsewhere"));
			expect(alerts.length).toBeGreaterThan(0);
		});
		expect(bot.webhook.info()["url"]).toBe("http://127.0.0.1:1/other");
	});
});

describe("what does not start", () => {
	const options = {
		apiRoot: "http://127.0.0.1:1",
		mode: { kind: "polling" } as const,
		commands: COMMANDS,
		toStorableJson,
	};

	test("a token that is none, or a bot twice", () => {
		const create = (tokens: readonly string[]) => () => createTelegram({ ...options, tokens, log });
		expect(create(["secret-nonsense"])).toThrow(/number 1/);
		expect(create(["secret-nonsense"])).not.toThrow(/nonsense/);
		expect(create([`1:${"a".repeat(35)}`, `1:${"b".repeat(35)}`])).toThrow(/twice/);
	});

	test("a weak secret or an address that is none", () => {
		const startWith = (mode: TelegramMode) => () => start(mode);
		expect(startWith({ kind: "webhook", publicUrl: "http://127.0.0.1:1", secrets: [""] })).toThrow(/secret/);
		expect(startWith({ kind: "webhook", publicUrl: "bot.example.org", secrets: [SECRET] })).toThrow(
			/PUBLIC_URL/,
		);
	});
});

test("every description fits what Telegram shows", () => {
	for (const text of Object.values(telegramTexts.description)) expect(text.length).toBeLessThanOrEqual(512);
	for (const text of Object.values(telegramTexts.shortDescription))
		expect(text.length).toBeLessThanOrEqual(120);
});
