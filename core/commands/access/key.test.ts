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
