import { expect, test } from "@jest/globals";
import { createFakeChannel } from "../testing/fake-channel.ts";
import { createCooldown } from "./cooldown.ts";
import { toBackOffMs } from "./delivery-context.ts";
import { paceOf } from "./pace.ts";

const chat = { platform: "telegram", botId: "7", id: "1", kind: "private" } as const;

test("a chat rests as long as it was told, its topics too, others do not", () => {
	let now = 0;
	const cooldown = createCooldown(() => now);
	cooldown.start(chat, 1_000);
	expect(cooldown.remainingMs({ ...chat, topicId: "5" })).toBe(1_000);
	expect(cooldown.remainingMs({ ...chat, id: "2" })).toBe(0);
	now = 999.5;
	expect(cooldown.remainingMs(chat)).toBe(1);
	now = 1_000;
	expect(cooldown.remainingMs(chat)).toBe(0);
});

test("a shorter rest does not end a longer one", () => {
	const cooldown = createCooldown(() => 0);
	cooldown.start(chat, 1_000);
	cooldown.start(chat, 10);
	expect(cooldown.remainingMs(chat)).toBe(1_000);
});

test("memory is bounded: the oldest chats are forgotten", () => {
	const cooldown = createCooldown(() => 0);
	for (let id = 0; id <= 10_000; id += 1) cooldown.start({ ...chat, id: String(id) }, 1_000);
	expect(cooldown.remainingMs({ ...chat, id: "0" })).toBe(0);
	expect(cooldown.remainingMs({ ...chat, id: "10000" })).toBe(1_000);
});

test("back-off doubles from half a second to a minute", () => {
	expect([0, 1, 2, 5, 6, 7, 1_000].map(toBackOffMs)).toEqual([
		500, 1_000, 2_000, 16_000, 30_000, 30_000, 30_000,
	]);
});

test("a short answer counts as one message; where nothing was sent nothing counts", () => {
	const telegram = createFakeChannel();
	expect(paceOf(telegram, chat, { calls: 2, elapsedMs: 12.7 })).toEqual({
		costMs: 1_000,
		burstMs: 30_000,
		elapsedMs: 12,
	});
	expect(paceOf(telegram, { ...chat, kind: "group" }, { calls: 5, elapsedMs: 0 })).toMatchObject({
		costMs: 12_000,
		burstMs: 18_000,
	});
	expect(paceOf(telegram, chat, { calls: 0, elapsedMs: 5 })).toEqual({});
	expect(paceOf(createFakeChannel({ edit: false }), chat, { calls: 9, elapsedMs: 5 })).toEqual({});
});
