import { describe, expect, test } from "@jest/globals";
import { createTestContext, createTestDeps, readOutcome, TEST_KEY } from "../../testing/command-context.ts";
import { runCommand } from "../run-command.ts";

describe("/key", () => {
	const run = async (args: string, overrides = {}) => {
		const deps = createTestDeps(overrides);
		const outcome = await runCommand("key", createTestContext(deps, { args }));
		return { deps, outcome, text: readOutcome(outcome) };
	};

	test("lists keys without their secret and says how to go on", async () => {
		const { text } = await run("");
		expect(text).toContain("- `k1234567`: Your programs (API), made on Nov 20, 2026, never used\n");
		expect(text).toContain("/key new");
		expect((await run("", { listKeys: async () => [] })).text).toContain("You have no API keys.");
	});

	test("new issues one for this turn and marks the answer as secret", async () => {
		const { deps, outcome, text } = await run("NEW");
		expect(text).toContain("rp_k1234567_secret");
		expect(deps.calls).toEqual([{ name: "issueKey", args: ["7", { turnId: "42", label: undefined }] }]);
		expect(outcome).toMatchObject({ replies: [{ secret: true }] });
	});

	test.each([
		["my  laptop", "my laptop"],
		["\u202e\u0007", undefined],
		["x".repeat(99), "x".repeat(60)],
	])("new %j calls it %j", async (written, label) => {
		const { deps } = await run(`new ${written}`);
		expect(deps.calls).toEqual([{ name: "issueKey", args: ["7", { turnId: "42", label }] }]);
	});

	test("new makes one with limits, written in one message", async () => {
		const { deps, text } = await run(
			"new night report cap=50,000 idle=2k tiers=Economy, haiku networks=10.0.0.0/8,::1 days=30 source=sub-agent mayNameSource=yes",
		);
		expect(deps.calls).toEqual([
			{
				name: "issueKey",
				args: [
					"7",
					{
						...{ turnId: "42", label: "night report", source: "sub_agent", mayNameSource: true },
						...{ dailyCapMicro: 50_000_000_000, idleCapMicro: 2_000_000_000 },
						...{ tiers: ["economy", "haiku"], networks: ["10.0.0.0/8", "::1"] },
						expiresAt: new Date("2026-12-20T14:00:00Z"),
					},
				],
			},
		]);
		expect(text).toContain("Its limits: 50,000 tokens a day; 2,000 tokens an hour in the background;");
		expect(text).toContain("Good until Dec 20, 2026");
		expect(text).toContain("not for POST /v1/chat");
	});

	test.each([
		["cap=lots", "`cap=50000`"],
		["cap=0", "`cap=50000`"],
		["cap=9999999999", "`cap=50000`"],
		["cap=", "`cap=50000`"],
		["idle=-1", "`idle=2000`"],
		["tiers=gold", "`tiers=economy,haiku`"],
		["networks=10.0.0.0/33", "`networks="],
		["networks=010.1", "`networks="],
		["days=0", "`days=30`"],
		["days=99999", "`days=30`"],
		["source=gateway", "`source=cron`"],
		["mayNameSource=perhaps", "`mayNameSource=yes`"],
		["colour=red", "no option `colour=red`"],
		["constructor=1", "no option `constructor=1`"],
		["cap=1 cap=2", "no option `cap=2`, or it is there twice"],
	])("new %s is told what is wrong, with an example, and makes nothing", async (written, words) => {
		const { deps, text } = await run(`new x ${written}`);
		expect(deps.calls).toEqual([]);
		expect(text).toContain("No key was made");
		expect(text).toContain(words);
		expect(text).toContain("`/key new report cap=50000");
	});

	test.each(["zh-CN", "ru"] as const)("new with limits speaks %s too", async (language) => {
		const ask = async (args: string) =>
			readOutcome(await runCommand("key", createTestContext(createTestDeps(), { args, language })));
		expect(await ask("new сар=5")).not.toContain("No key");
		expect(await ask("new cap＝5")).toMatch(/其限制|ограничения/);
		expect(await ask("")).toContain("/v1/messages");
	});

	test("lists the limits of a key", async () => {
		const limited = { ...TEST_KEY, dailyCapMicro: 5_000_000, networks: ["10.0.0.0/8"], mayNameSource: true };
		const { text } = await run("", { listKeys: async () => [limited] });
		expect(text).toContain("never used (5 tokens a day; from 10.0.0.0/8; may name its source)\n");
	});

	test("lists the name, the instance, the last use and the end of a key", async () => {
		const [lastUsedAt, expiresAt] = [new Date("2026-11-21T10:00:00Z"), new Date("2026-12-31T10:00:00Z")];
		const named = { ...TEST_KEY, label: "my `laptop`", lastUsedAt, expiresAt };
		const ofInstance = { ...TEST_KEY, instanceId: "i", source: "chat" };
		const { text } = await run("", { listKeys: async () => [named, ofInstance] });
		expect(text).toContain(
			"- `k1234567` `my laptop`: Your programs (API), made on Nov 20, 2026, last used Nov 21, 2026, good until Dec 31, 2026\n",
		);
		expect(text).toContain("- `k1234567`: an instance of yours, made");
	});

	test("revoke ends the account's own key; an unknown one is said to be unknown", async () => {
		const { deps, text } = await run("revoke k1234567");
		expect(deps.calls).toEqual([{ name: "revokeKey", args: ["7", "k1234567"] }]);
		expect(text).toContain("revoked");
		expect((await run("revoke `x`", { revokeKey: async () => false })).text).toContain("no live key `x`");
		expect((await run("revoke")).deps.calls).toEqual([]);
	});
});
