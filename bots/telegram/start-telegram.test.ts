import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { TelegramMode } from "./ingress/start-ingress.ts";
import type { TelegramWorld } from "./testing/telegram-world.ts";
import { startTelegramWorld, until } from "./testing/telegram-world.ts";

let world: TelegramWorld;

beforeEach(async () => {
	world = await startTelegramWorld();
});

afterEach(async () => await world.close());

describe.each([
	["polling", (): TelegramMode => ({ kind: "polling" })],
	["webhook", (): TelegramMode => world.webhook],
])("by %s", (_, toMode) => {
	test("updates of several bots come in, in order and once", async () => {
		await (await world.start(toMode())).ready;
		for (const bot of world.bots) {
			for (let at = 0; at < 30; at += 1)
				bot.privateChat({ id: 1 + (at % 3) }).sendText(`${bot.username} ${at}`);
		}
		await until(() => expect(world.stored.size).toBe(60));
		for (const bot of world.bots) {
			for (const chat of [0, 1, 2]) {
				const own = world.texts(bot).filter((text) => Number(String(text).split(" ")[1]) % 3 === chat);
				expect(own).toEqual([...Array(10).keys()].map((at) => `${bot.username} ${at * 3 + chat}`));
			}
		}
	});

	test("while the database is down nothing is lost", async () => {
		await (await world.start(toMode())).ready;
		world.isDatabaseDown = true;
		const [bot] = world.bots;
		bot.privateChat({ id: 1 }).sendText("patience");
		await until(() => expect(world.log.lines.some(({ level }) => level !== "info")).toBe(true));
		expect(world.stored.size).toBe(0);
		expect(bot.updates.pending()).toHaveLength(1);
		world.isDatabaseDown = false;
		await until(() => expect(world.stored.size).toBe(1));
		await until(() => expect(bot.updates.pending()).toHaveLength(0));
	});

	test("Telegram being away at the start is waited out", async () => {
		world.fake.setOutage("bad-gateway");
		const { ready } = await world.start(toMode());
		world.bots[0].privateChat({ id: 1 }).sendText("early");
		await until(() =>
			expect(world.log.lines.some(({ message }) => message.includes("trying again"))).toBe(true),
		);
		world.fake.setOutage(undefined);
		await ready;
		await until(() => expect(world.stored.size).toBe(1));
	});

	test("a revoked token keeps no other bot waiting, and is in no log line", async () => {
		const [first, second] = world.bots;
		world.fake.removeBot(first.token);
		await world.start(toMode());
		await until(() => expect(world.log.lines.some(({ message }) => message.includes("known"))).toBe(true));
		second.privateChat({ id: 1 }).sendText("hello");
		await until(() => expect(world.texts(second)).toEqual(["hello"]));
		await world.stop();
		const lines = JSON.stringify(world.log.lines);
		expect(lines).toContain("401");
		for (const { token } of world.bots) expect(lines).not.toContain(token.split(":")[1]);
	});

	test("menus and descriptions are registered in every language, and not again when nothing changed", async () => {
		await (await world.start(toMode())).ready;
		const [bot] = world.bots;
		await until(() => expect(bot.commands.size).toBe(6));
		expect(bot.commands.get("all_private_chats/ru")?.map(({ description }) => description)).toEqual([
			"Помощь",
			"Привязать",
		]);
		expect(bot.commands.get("all_group_chats/")?.map(({ command }) => command)).toEqual(["help"]);
		expect(bot.commands.get("all_private_chats/zh")).toHaveLength(2);
		const writes = () => world.fake.calls().filter(({ method }) => method.startsWith("setMy")).length;
		await until(() => expect(writes()).toBe(24));
		await (await world.start(toMode())).ready;
		const reads = () => world.fake.calls().filter(({ method }) => method === "getMyShortDescription").length;
		await until(() => expect(reads()).toBe(12));
		expect(writes()).toBe(24);
	});

	test("stops without waiting for its long poll", async () => {
		await (await world.start(toMode(), world.bots, 30)).ready;
		const startedMs = performance.now();
		await world.stop();
		expect(performance.now() - startedMs).toBeLessThan(10_000);
	});
});
