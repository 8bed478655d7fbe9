import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { FakeBot, FakeTelegram } from "./fake-telegram.ts";
import { startFakeTelegram } from "./fake-telegram.ts";
import type { FakeAnswer, FakeWorld } from "./fake-world.ts";
import { startFakeWorld } from "./fake-world.ts";

let world: FakeWorld;
let telegram: FakeTelegram;
let bot: FakeBot;
let call: FakeWorld["call"];

beforeEach(async () => {
	world = await startFakeWorld();
	({ telegram, bot, call } = world);
});

afterEach(async () => await world.close());

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
			const { body } = await world.agent.request({
				origin: own.url,
				path: `/bot${other.token}/sendMessage`,
				method: "POST",
				headers: { "content-type": "application/x-www-form-urlencoded" },
				body: `chat_id=${chat_id}&text=x`,
			});
			return (await body.json()) as FakeAnswer;
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
				const { statusCode, body } = await world.agent.request({
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
