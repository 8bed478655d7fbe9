import { describe, expect, test } from "@jest/globals";
import { MICRO } from "../../ledger/ledger.ts";
import {
	createTestContext,
	createTestDeps,
	readOutcome,
	TEST_BALANCE,
} from "../../testing/command-context.ts";
import { runCommand } from "../run-command.ts";

describe("/usage", () => {
	test("shows used, left, held, reset in the account's zone, extra buckets and the cost by source", async () => {
		const deps = createTestDeps();
		const text = readOutcome(await runCommand("usage", createTestContext(deps)));
		expect(text).toContain("Your plan: **Free**.");
		expect(text).toContain("Used in this period: **1,235** of 5,000 tokens");
		expect(text).toContain("Left: **23,465** tokens");
		expect(text).toContain("Held for answers under way: 300");
		expect(text).toContain("Resets: Sat, Nov 21, 00:00 (Europe/Moscow), in 7 hours");
		expect(text).toContain("Extra pack: 20,000 left of 20,000, until Dec 1, 2026");
		expect(text).toContain("Chat: 1,235 tokens, calls: 3");
		expect(deps.calls[1]).toEqual({ name: "usageBySource", args: ["7", new Date("2026-11-19T21:00:00Z")] });
	});

	test("never shows more left than there is", async () => {
		const balance = {
			...TEST_BALANCE,
			availableMicro: MICRO - 1,
			buckets: [],
			resetsAt: undefined,
			pendingMicro: 0,
		};
		const deps = createTestDeps({ balance: async () => balance, usageBySource: async () => [] });
		const ctx = createTestContext(deps, { plan: undefined });
		const text = readOutcome(await runCommand("usage", ctx));
		expect(text).toContain("Left: **0** tokens");
		expect(text).toContain("You have no active plan.");
		expect(text).toContain("Nothing was used today.");
		expect(text).not.toContain("Resets");
		expect(text).toContain("gives no daily tokens");
	});

	test("of somebody who came back on the day he left tells when his next tokens come", async () => {
		const balance = { ...TEST_BALANCE, buckets: [], availableMicro: 0, pendingMicro: 0 };
		const deps = createTestDeps({ balance: async () => balance, usageBySource: async () => [] });
		const text = readOutcome(await runCommand("usage", createTestContext(deps)));
		expect(text).toContain("Today's tokens were given out before");
		expect(text).toContain("Resets");
		expect(text).not.toContain("gives no daily tokens");
	});

	test.each([
		["en", ["Your programs (API)", "Chat", "Background checks", "Scheduled tasks", "Helper agents"]],
		["zh-CN", ["您的程序（API）", "聊天", "后台巡检", "定时任务", "子智能体"]],
		[
			"ru",
			["Ваши программы (API)", "Чат", "Фоновые проверки", "Задания по расписанию", "Вспомогательные агенты"],
		],
	] as const)("names every source in %s", async (language, names) => {
		const rows = ["api", "chat", "heartbeat", "cron", "sub_agent"].map((source) => ({
			source,
			calls: 1,
			inputTokens: 1,
			outputTokens: 1,
			chargedMicro: MICRO,
		}));
		const deps = createTestDeps({ usageBySource: async () => rows });
		const text = readOutcome(await runCommand("usage", createTestContext(deps, { language })));
		for (const name of names) expect(text).toContain(`- ${name}`);
	});

	test("shows a source it has no word for by its own name", async () => {
		const row = { source: "robots", calls: 1, inputTokens: 1, outputTokens: 1, chargedMicro: MICRO };
		const deps = createTestDeps({ usageBySource: async () => [row] });
		expect(readOutcome(await runCommand("usage", createTestContext(deps)))).toContain("robots: 1 tokens");
	});
});

describe("/plan", () => {
	test("shows the own plan, all plans with price and tokens, and how to get one", async () => {
		const endsAt = new Date("2026-12-20T00:00:00Z");
		const ctx = createTestContext(createTestDeps(), {
			plan: { id: "pro_40", name: "Pro", endsAt, instanceKind: "container" },
		});
		const text = readOutcome(await runCommand("plan", ctx));
		expect(text).toContain("Your plan: **Pro**, until Dec 20, 2026.");
		expect(text).toContain("**Free**: free, 5,000 tokens a day");
		expect(text).toContain("**Pro**: $40 a month, 100,000 tokens a day");
		expect(text).toContain("**Team**: by agreement, as many tokens as agreed");
		expect(text).toContain("https://help.example/rockpool");
	});

	test("says whom to ask where there is no support address", async () => {
		const ctx = createTestContext(createTestDeps(), { supportUrl: undefined, plan: undefined });
		const text = readOutcome(await runCommand("plan", ctx));
		expect(text).toContain("the person who runs this bot");
		expect(text).toContain("You have no active plan.");
	});
});

describe("/tier", () => {
	test("names the own tier and offers all three, never a model or a vendor", async () => {
		const outcome = await runCommand("tier", createTestContext(createTestDeps()));
		expect(readOutcome(outcome)).toContain("Your tier: **Smart**.");
		const buttons = outcome.kind === "reply" ? (outcome.replies[0]?.buttons ?? []).flat() : [];
		expect(buttons.map(({ data }) => data)).toEqual(["tier:smart", "tier:economy", "tier:china-ready"]);
		expect(readOutcome(outcome)).not.toMatch(/gpt|claude|kimi|deepseek|\bBEST\b|\bCHEAP\b|CN_OK/);
	});

	test.each([
		["smart", "BEST"],
		["Economy", "CHEAP"],
		["China-Ready", "CN_OK"],
		["china ready", "CN_OK"],
		["经济", "CHEAP"],
		["国内可用", "CN_OK"],
		["умный", "BEST"],
		["ＣＨＥＡＰ", "CHEAP"],
	])("%s sets %s", async (args, policy) => {
		const deps = createTestDeps();
		await runCommand("tier", createTestContext(deps, { args }));
		expect(deps.calls).toEqual([{ name: "setPolicy", args: ["7", policy] }]);
	});

	test.each(["gpt-5", "constructor", "'; drop table accounts"])(
		"%s sets nothing and offers the three",
		async (args) => {
			const deps = createTestDeps();
			expect(readOutcome(await runCommand("tier", createTestContext(deps, { args })))).toContain(
				"I do not know the tier",
			);
			expect(deps.calls).toEqual([]);
		},
	);
});
