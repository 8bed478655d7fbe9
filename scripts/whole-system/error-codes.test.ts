import { describe, expect, test } from "@jest/globals";
import type { ErrorCode } from "../../core/errors.ts";
import type { FakeAnswer } from "../../core/testing/fake-provider-server.ts";
import { LANGUAGES } from "../../core/texts/say.ts";
import { expectErrorBody, expectFailureWords, SUPPORT_URL } from "./testing/expect-failure.ts";
import { findDayZone } from "./testing/find-day-zone.ts";
import { useWorlds } from "./testing/use-worlds.ts";

const worlds = useWorlds();
const env = { SUPPORT_URL };
const zone = findDayZone();

/** What every vendor does, so that each router code has its real cause. */
const ROUTER_CAUSES: readonly [ErrorCode, string, FakeAnswer, number][] = [
	["ROUTER_NO_PROVIDER", "every provider is broken", { kind: "status", status: 500 }, 503],
	["ROUTER_TIMEOUT", "the provider is silent", { kind: "hang" }, 504],
	[
		"ROUTER_RATE_LIMITED",
		"every provider says 429",
		{ kind: "status", status: 429, headers: { "retry-after": "50" } },
		429,
	],
];

test.each(ROUTER_CAUSES)(
	"%s, when %s, is told in a chat with a button to repeat, and to a program as JSON; nothing is charged",
	async (code, _, answer, status) => {
		const world = await worlds.openTelegram(env);
		for (const id of ["one", "two"]) (await world.addProvider({ id })).answerAlways(answer);
		const node = await world.startNode();
		const inChat = LANGUAGES.map(async (language) => {
			const chat = world.openChat(language);
			expectFailureWords(await world.say(chat, "hi"), code, language);
			expect(chat.visibleMessages()[0]?.buttons?.flat()).toMatchObject([{ callback_data: "retry" }]);
		});
		await Promise.all(inChat);
		const overHttp = LANGUAGES.map(async (language) => {
			const { key } = await world.addPerson();
			const told = await world.ask(node, key, { message: "hi", language });
			expectErrorBody(told, code, { status, retryable: true }, language);
			if (code === "ROUTER_RATE_LIMITED") expect(Number(told.headers["retry-after"])).toBeGreaterThan(40);
		});
		await Promise.all(overHttp);
		expect(await world.db("ledger_reservations").where("charged_micro", ">", 0)).toEqual([]);
	},
);

describe("BILLING_QUOTA_EXCEEDED, when the day's tokens are used up", () => {
	const answer: FakeAnswer = { kind: "text", pieces: ["well"], usage: { input: 150, output: 50 } };

	test("names the reset time in the account's own zone, and the plans", async () => {
		const world = await worlds.openTelegram(env);
		const vendor = await world.addProvider({ id: "one" });
		vendor.answerAlways(answer);
		const node = await world.startNode();
		for (const language of LANGUAGES) {
			const chat = world.openChat(language);
			const sender = world.toSender(chat);
			const plan = { planId: "pro_40", dailyTokens: 300, language, zone };
			const { key } = await world.addPerson({ sender, ...plan });
			expect(await world.say(chat, "hi")).toContain("well");
			const said = await world.say(chat, "hi");
			expectFailureWords(said, "BILLING_QUOTA_EXCEEDED", language);
			expect(said).toContain(`00:00 (${zone})`);
			const buttons = chat.visibleMessages().at(-1)?.buttons?.flat();
			expect(buttons).toMatchObject([{ callback_data: "cmd:plan" }, { callback_data: "cmd:usage" }]);
			const told = await world.ask(node, key, { message: "hi", language });
			expectErrorBody(told, "BILLING_QUOTA_EXCEEDED", { status: 402, retryable: false }, language);
			expect(told.body.error?.["message"]).toContain("(UTC)");
		}
		expect(vendor.requests).toHaveLength(LANGUAGES.length);
	});
});

describe("BILLING_SUBSCRIPTION_INACTIVE, when the paid time is over and there is no free plan", () => {
	test("is told in a chat and to a program, before any provider is asked", async () => {
		const world = await worlds.openTelegram(env);
		const vendor = await world.addProvider({ id: "one" });
		const node = await world.startNode();
		for (const language of LANGUAGES) {
			const chat = world.openChat(language);
			const sender = world.toSender(chat);
			const { key } = await world.addPerson({ sender, planId: "starter_20", language });
			await world.db("plans").where({ id: "free" }).update({ enabled: false });
			await world.db.raw("update subscriptions set ends_at = clock_timestamp() where state = 'active'");
			const said = await world.say(chat, "hi");
			expectFailureWords(said, "BILLING_SUBSCRIPTION_INACTIVE", language);
			expect(chat.visibleMessages().at(-1)?.buttons?.flat()).toMatchObject([{ callback_data: "cmd:plan" }]);
			const told = await world.ask(node, key, { message: "hi", language });
			expectErrorBody(told, "BILLING_SUBSCRIPTION_INACTIVE", { status: 402, retryable: false }, language);
			await world.db("plans").where({ id: "free" }).update({ enabled: true });
		}
		expect(vendor.connectionCount()).toBe(0);
	});
});

describe("AUTH_INVALID_CREDENTIALS", () => {
	test("is told to a program with a wrong key", async () => {
		const world = await worlds.open(env);
		const node = await world.startNode();
		const { key } = await world.addPerson();
		for (const language of LANGUAGES) {
			const told = await world.ask(node, `${key}x`, { message: "hi", language });
			expectErrorBody(told, "AUTH_INVALID_CREDENTIALS", { status: 401, retryable: false }, language);
			expect(told.headers["www-authenticate"]).toBe("Bearer");
		}
	});
});

describe("BIND_CODE_INVALID", () => {
	test("is told in a chat and to a program for a code nobody issued", async () => {
		const world = await worlds.openTelegram(env);
		const node = await world.startNode();
		for (const language of LANGUAGES) {
			const message = "/bind ABCDE-FGHJK";
			expectFailureWords(await world.say(world.openChat(language), message), "BIND_CODE_INVALID", language);
			const { key } = await world.addPerson();
			const told = await world.ask(node, key, { message, language });
			expectErrorBody(told, "BIND_CODE_INVALID", { status: 400, retryable: false }, language);
		}
	});

	test("is told for a code that was used, and for one that expired", async () => {
		const world = await worlds.openTelegram(env);
		await world.startNode();
		const owner = world.openChat();
		const code = async () => /[0-9A-Z]{5}-[0-9A-Z]{5}/.exec(await world.say(owner, "/link"))?.[0] ?? "";
		const used = await code();
		expect(await world.say(world.openChat(), `/bind ${used}`)).not.toContain("BIND_CODE_INVALID");
		expectFailureWords(await world.say(world.openChat("ru"), `/bind ${used}`), "BIND_CODE_INVALID", "ru");
		const expired = await code();
		await world.db("bind_codes").update({ expires_at: world.db.raw("clock_timestamp()") });
		expectFailureWords(
			await world.say(world.openChat("zh-hans"), `/bind ${expired}`),
			"BIND_CODE_INVALID",
			"zh-CN",
		);
	});
});
