import { describe, expect, test } from "@jest/globals";
import { setBanned } from "../../core/db/accounts.ts";
import { pipelineTexts } from "../../core/texts/pipeline.ts";
import { expectFailureWords, SUPPORT_URL } from "./testing/expect-failure.ts";
import type { TelegramWorld } from "./testing/telegram-world.ts";
import { useWorlds } from "./testing/use-worlds.ts";

const worlds = useWorlds();
const CODE = /\/bind ([0-9A-Z-]+)/;

/** @returns a code as staff get it for a customer */
async function issueCode(world: TelegramWorld, plan: string): Promise<string> {
	const said = await world.say(world.staff, `/issue ${plan} 1`);
	const code = CODE.exec(said)?.[1];
	if (code === undefined) throw new Error(`no code in: ${said}`);
	return code;
}

describe("where only invited people get in", () => {
	const INVITE = { JOIN_MODE: "invite", SUPPORT_URL };

	test("a stranger is told three times a day how to, then nothing, whatever he writes; no model hears of it", async () => {
		const world = await worlds.openTelegram(INVITE);
		const vendor = await world.addProvider({ id: "one" });
		await world.startNode();
		const stranger = world.openChat("ru");
		const hint = pipelineTexts.inviteOnly.ru;
		expect(await world.say(stranger, "привет")).toBe(hint);
		expect(await world.say(stranger, "/usage")).toBe(hint);
		expect(await world.say(stranger, "/start")).toBe(hint);
		for (const text of ["привет", "/help", "/start", "?"]) expect(await world.say(stranger, text)).toBe("");
		expect(await world.say(world.openChat("zh-hans"), "你好")).toBe(pipelineTexts.inviteOnly["zh-CN"]);
		expect(await world.db("accounts")).toEqual([]);
		expect(vendor.connectionCount()).toBe(0);
	});

	test("a code lets him in, typed, bare or by a deep link, also after the hints are used up", async () => {
		const world = await worlds.openTelegram(INVITE);
		await world.addProvider({ id: "one" });
		await world.startNode();
		for (const toMessage of [
			(code: string) => `/bind ${code}`,
			(code: string) => code.toLowerCase(),
			(code: string) => `/start ${code}`,
		]) {
			const code = await issueCode(world, "starter_20");
			const stranger = world.openChat();
			for (let message = 0; message < 4; message += 1) await world.say(stranger, "hello?");
			expect(await world.say(stranger, toMessage(code))).toContain("Starter");
			expect(await world.say(stranger, "hi")).toBe("hello");
			const again = world.openChat();
			expectFailureWords(await world.say(again, toMessage(code)), "BIND_CODE_INVALID", "en");
			expect(await world.say(again, "hi")).not.toContain("hello");
		}
	});

	test("the staff are in without a code, and their chat works at once", async () => {
		const world = await worlds.openTelegram(INVITE);
		await world.addProvider({ id: "one" });
		await world.startNode();
		expect(await world.say(world.staff, "hi")).toContain("hello");
	});
});

describe("a banned account", () => {
	test("is told so in its language, in the chat and over HTTP, and no model hears of it", async () => {
		const world = await worlds.openTelegram({ SUPPORT_URL });
		const vendor = await world.addProvider({ id: "one" });
		const node = await world.startNode();
		const chat = world.openChat("ru");
		const { accountId, key } = await world.addPerson({ sender: world.toSender(chat), language: "ru" });
		await setBanned(world.db, accountId, true);
		expectFailureWords(await world.say(chat, "привет"), "FORBIDDEN", "ru");
		expectFailureWords(await world.say(chat, "/usage"), "FORBIDDEN", "ru");
		expect(await world.ask(node, key, "hi")).toMatchObject({ status: 401 });
		expect(vendor.connectionCount()).toBe(0);
		await setBanned(world.db, accountId, false);
		expect(await world.say(chat, "привет")).toContain("hello");
	});

	test("does not get away from its ban by a code", async () => {
		const world = await worlds.openTelegram({ SUPPORT_URL });
		await world.startNode();
		const code = await issueCode(world, "pro_40");
		const chat = world.openChat();
		const { accountId } = await world.addPerson({ sender: world.toSender(chat) });
		await setBanned(world.db, accountId, true);
		expectFailureWords(await world.say(chat, `/bind ${code}`), "FORBIDDEN", "en");
		const other = world.openChat();
		expect(await world.say(other, `/bind ${code}`)).toContain("Pro");
	});
});

describe("a subscription that ends", () => {
	test("falls back to the free plan with the very next message, and a code brings the plan back", async () => {
		const world = await worlds.openTelegram();
		await world.addProvider({ id: "one" });
		await world.startNode();
		const chat = world.openChat();
		const { accountId } = await world.addPerson({ sender: world.toSender(chat), planId: "starter_20" });
		expect(await world.say(chat, "/usage")).toContain("Starter");
		await world.db("subscriptions").update({ ends_at: world.db.raw("clock_timestamp()") });
		expect(await world.say(chat, "hi")).toBe("hello");
		expect(await world.say(chat, "/usage")).toContain("Your plan: Free");
		const active = await world.db("subscriptions").where({ account_id: accountId, state: "active" });
		expect(active).toMatchObject([{ plan_id: "free", source: "free" }]);
		expect(await world.db("ledger_accounts").where({ account_id: accountId })).toMatchObject([
			{ daily_grant_micro: String(5_000 * 1_000_000) },
		]);
		const code = await issueCode(world, "pro_40");
		expect(await world.say(chat, code)).toContain("Pro");
		expect(await world.say(chat, "/usage")).toContain("Your plan: Pro");
	});
});
