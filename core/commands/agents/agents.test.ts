import { describe, expect, test } from "@jest/globals";
import { createTestContext, createTestDeps, readOutcome } from "../../testing/command-context.ts";
import { runCommand } from "../run-command.ts";

describe("/agents", () => {
	test("lists them in the person's language, marks the one that answers, one button each", async () => {
		const ctx = createTestContext(createTestDeps(), { agentId: "ops", language: "ru" });
		const outcome = await runCommand("agents", ctx);
		const text = readOutcome(outcome);
		expect(text).toContain("- **Программист** (`coder`): пишет и чинит код");
		expect(text).toContain("✓ **Аналитик**");
		const buttons = outcome.kind === "reply" ? (outcome.replies[0]?.buttons ?? []).flat() : [];
		expect(buttons.map(({ data }) => data)).toEqual(["agent:coder", "agent:ops", "agent:none"]);
	});

	test("with a name lets that agent answer in this chat, with its skills", async () => {
		const deps = createTestDeps();
		const text = readOutcome(await runCommand("agents", createTestContext(deps, { args: "Coder" })));
		expect(text).toContain("**Coder** answers you here");
		expect(text).toContain("Skills: Fix");
		const wish = { accountId: "7", lane: "telegram:100:5", agentId: "coder", skills: undefined };
		expect(deps.calls).toContainEqual({ name: "configureAgent", args: [wish] });
	});

	test("none goes back to the plain assistant", async () => {
		const deps = createTestDeps();
		await runCommand("agents", createTestContext(deps, { args: "none" }));
		expect(deps.calls).toEqual([{ name: "clearAgent", args: ["7", "telegram:100:5"] }]);
	});

	test("an unknown one, or one switched off meanwhile, changes nothing", async () => {
		const deps = createTestDeps();
		expect(readOutcome(await runCommand("agents", createTestContext(deps, { args: "root" })))).toContain(
			"no agent `root`",
		);
		expect(deps.calls.map(({ name }) => name)).not.toContain("configureAgent");
		const gone = createTestDeps({ configureAgent: async () => "unknown" });
		expect(readOutcome(await runCommand("agents", createTestContext(gone, { args: "coder" })))).toContain(
			"no agent",
		);
	});

	test("says so when there are none", async () => {
		const deps = createTestDeps({ listAgents: async () => [] });
		expect(readOutcome(await runCommand("agents", createTestContext(deps)))).toContain("no agents yet");
	});
});

describe("/skills", () => {
	test("lists them with the agents that have them", async () => {
		const text = readOutcome(await runCommand("skills", createTestContext(createTestDeps())));
		expect(text).toContain("- **Fix** (`fix`): finds bugs (with Coder)");
	});

	test("of an agent of one's own are listed, installed and removed", async () => {
		const plan = { id: "pro_40", name: "Pro", endsAt: undefined, instanceKind: "container" } as const;
		const say = async (args: string): Promise<string> =>
			readOutcome(await runCommand("skills", createTestContext(createTestDeps(), { plan, args })));
		expect(await say("")).toContain("- ✓ **Weather** 1.0 (`weather`): forecasts\n- **Prototypes** 2.0");
		expect(await say("install spike")).toContain("has **Prototypes** 2.0 in a moment");
		expect(await say("install *evil*")).toContain("no skill evil on the list");
		expect(await say("remove weather")).toContain("does without `weather`");
		expect(await say("remove spike")).toContain("no skill spike on the list");
		const without = readOutcome(await runCommand("skills", createTestContext(createTestDeps())));
		expect(without).not.toContain("Weather");
	});

	test("says so when there are none", async () => {
		const deps = createTestDeps({ listSkills: async () => [] });
		expect(readOutcome(await runCommand("skills", createTestContext(deps)))).toContain("no skills yet");
	});
});
