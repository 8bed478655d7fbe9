import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { toStorableJson } from "../../core/inbox/storable-json.ts";
import { silentLog } from "../../core/testing/silent-log.ts";
import { telegramTexts } from "../../core/texts/telegram.ts";
import type { TelegramMode } from "./ingress/start-ingress.ts";
import { createTelegram } from "./start-telegram.ts";
import type { TelegramWorld } from "./testing/telegram-world.ts";
import { COMMANDS, MASTER_SECRET, startTelegramWorld, until } from "./testing/telegram-world.ts";

let world: TelegramWorld;

beforeEach(async () => {
	world = await startTelegramWorld();
});

afterEach(async () => await world.close());

describe("polling", () => {
	test("takes over from a webhook, and gives way to another poller without losing updates", async () => {
		const [bot] = world.bots;
		await (await world.start(world.webhook, [bot])).ready;
		expect(bot.webhook.isSet()).toBe(true);
		await (await world.start({ kind: "polling" }, [bot])).ready;
		await until(() => expect(bot.updates.isPolled()).toBe(true));
		expect(bot.webhook.isSet()).toBe(false);
		const thief = fetch(`${world.fake.url}/bot${bot.token}/getUpdates?timeout=1`);
		await until(() =>
			expect(world.log.lines.some(({ message }) => message.includes("somebody else"))).toBe(true),
		);
		await (await thief).text();
		bot.privateChat({ id: 1 }).sendText("still here");
		await until(() => expect(world.texts(bot)).toEqual(["still here"]));
	});

	test("a restart between the commit and the next offset stores nothing twice", async () => {
		const [bot] = world.bots;
		await (await world.start({ kind: "polling" }, [bot])).ready;
		bot.privateChat({ id: 1 }).sendText("once");
		await until(() => expect(world.stored.size).toBe(1));
		await (await world.start({ kind: "polling" }, [bot])).ready;
		bot.privateChat({ id: 1 }).sendText("twice");
		await until(() => expect(world.texts(bot)).toEqual(["once", "twice"]));
	});

	test("only what is answered is asked for", async () => {
		const [bot] = world.bots;
		await (await world.start({ kind: "polling" })).ready;
		await until(() => expect(bot.updates.isPolled()).toBe(true));
		expect(bot.updates.push("poll_answer", "x", {})).toBeUndefined();
		expect(bot.updates.push("stopped_message_generation", "x", {})).toBeDefined();
	});
});

describe("webhook", () => {
	test("each bot has a path and a secret of its own, and a lost acknowledgement is no second event", async () => {
		await (await world.start(world.webhook)).ready;
		const [first, second] = world.bots.map((bot) => String(bot.webhook.info()["url"]));
		expect(first).toMatch(/\/telegram\/[\w-]{22}$/);
		expect(first).not.toBe(second);
		const [bot] = world.bots;
		bot.webhook.duplicateRate = 0.5;
		for (let at = 0; at < 20; at += 1) bot.privateChat({ id: 1 }).sendText(`${at}`);
		await until(() => expect(bot.updates.pending()).toHaveLength(0));
		expect(world.texts(bot)).toEqual([...Array(20).keys()].map(String));
	});

	test("the secret of before is still taken while it is changed", async () => {
		await (await world.start(world.webhook)).ready;
		const [bot] = world.bots;
		const before = bot.webhook.info()["url"];
		const mode: TelegramMode = {
			kind: "webhook",
			publicUrl: "http://127.0.0.1:1",
			secrets: [`new-${MASTER_SECRET}`, MASTER_SECRET],
		};
		// Telegram still posts to the old address with the old secret: setWebhook does not get through.
		for (const one of world.bots) one.faults.failNext("setWebhook", { kind: "server-error" }, 50);
		await world.start(mode);
		bot.privateChat({ id: 1 }).sendText("old");
		await until(() => expect(world.stored.size).toBe(1));
		expect(bot.webhook.info()["url"]).toBe(before);
	});

	test("one that was removed is set again, one that points elsewhere is an alert", async () => {
		await (await world.start(world.webhook)).ready;
		const [bot] = world.bots;
		const url = bot.webhook.info()["url"];
		bot.webhook.remove(false);
		await until(() => expect(bot.webhook.info()["url"]).toBe(url));
		await fetch(`${world.fake.url}/bot${bot.token}/setWebhook?url=http://127.0.0.1:1/other`);
		await until(() => {
			const alerts = world.log.lines.filter(({ facts }) => JSON.stringify(facts).includes("elsewhere"));
			expect(alerts.length).toBeGreaterThan(0);
		});
		expect(bot.webhook.info()["url"]).toBe("http://127.0.0.1:1/other");
	});
});

describe("what does not start", () => {
	const TOKEN = `1:${"a".repeat(35)}`;
	const log = silentLog();
	const core = { accept: async () => await Promise.reject(new Error("never asked")) };
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
		const startWith = (mode: TelegramMode) => () =>
			createTelegram({ ...options, mode, tokens: [TOKEN], log }).start(core);
		expect(startWith({ kind: "webhook", publicUrl: "http://127.0.0.1:1", secrets: [""] })).toThrow(/secret/);
		expect(startWith({ kind: "webhook", publicUrl: "bot.example.org", secrets: [MASTER_SECRET] })).toThrow(
			/PUBLIC_URL/,
		);
	});
});

test("every description fits what Telegram shows", () => {
	for (const text of Object.values(telegramTexts.description)) expect(text.length).toBeLessThanOrEqual(512);
	for (const text of Object.values(telegramTexts.shortDescription))
		expect(text.length).toBeLessThanOrEqual(120);
});
