import { expect, test } from "@jest/globals";
import { expectFailureWords, SUPPORT_URL } from "./testing/expect-failure.ts";
import type { TelegramWorld } from "./testing/telegram-world.ts";
import { useWorlds } from "./testing/use-worlds.ts";

const worlds = useWorlds();
const PER_MINUTE = 20;
const REFILL_MS = 60_000 / PER_MINUTE;

type Outcome = "answered" | "told" | "silent";

/** What became of each message of a chat, in order. */
async function readOutcomes({ db }: TelegramWorld, chatId: number): Promise<readonly Outcome[]> {
	const results: { error?: { code: string }; replies: unknown[] }[] = await db("inbox")
		.where("lane", "like", `%:${chatId}`)
		.orderBy("id")
		.pluck("result");
	return results.map(({ error, replies }) => {
		if (error === undefined) return "answered";
		expect(error.code).toBe("RATE_LIMITED");
		return replies.length > 0 ? "told" : "silent";
	});
}

test("of more than 20 messages a minute the first one too many is told so, the others are passed over", async () => {
	const world = await worlds.openTelegram({ SUPPORT_URL });
	const vendor = await world.addProvider({ id: "one" });
	const node = await world.startNode();
	const chat = world.openChat("zh-hans");
	const sender = world.toSender(chat);
	const { key } = await world.addPerson({ sender, planId: "pro_40", language: "zh-CN" });
	const startedAt = performance.now();
	// As many as may wait in a chat, twice.
	for (let burst = 0; burst < 2; burst += 1) {
		for (let number = 1; number < PER_MINUTE; number += 1) chat.sendText(`${number}`);
		await world.say(chat, "last");
		await world.settle();
	}
	const outcomes = await readOutcomes(world, chat.id);
	const refilled = Math.ceil((performance.now() - startedAt) / REFILL_MS);
	expect(outcomes).toHaveLength(2 * PER_MINUTE);
	expect(outcomes.slice(0, PER_MINUTE)).toEqual(new Array(PER_MINUTE).fill("answered"));
	for (const [index, outcome] of outcomes.entries()) {
		const isFirst = outcomes[index - 1] === "answered";
		if (outcome !== "answered") expect(outcome).toBe(isFirst ? "told" : "silent");
	}
	expect(outcomes).toContain("silent");
	const answered = outcomes.filter((outcome) => outcome === "answered").length;
	expect(answered).toBeLessThanOrEqual(PER_MINUTE + refilled);
	expect(vendor.requests).toHaveLength(answered);
	const told = chat.visibleTexts().find((text) => text.includes("RATE_LIMITED")) ?? "";
	expectFailureWords(told, "RATE_LIMITED", "zh-CN");

	// Somebody else, and the same account's program, are not meant.
	expect(await world.say(world.openChat(), "hi")).toContain("hello");
	expect(await world.ask(node, key, "hi")).toMatchObject({ status: 200 });
});
