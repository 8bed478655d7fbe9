import { describe, expect, test } from "@jest/globals";
import { createTestContext, createTestDeps, readOutcome } from "../../testing/command-context.ts";
import { LANGUAGES } from "../../texts/say.ts";
import { runCommand } from "../run-command.ts";

const staff = { id: "9", policy: "BEST", isStaff: true } as const;

async function run(args: string, options: { readonly isKnown?: boolean; readonly language?: "en" } = {}) {
	const { isKnown = true, language = "en" } = options;
	const deps = createTestDeps(isKnown ? {} : { setModelPreset: async () => false });
	const outcome = await runCommand("preset", createTestContext(deps, { account: staff, args, language }));
	const calls = deps.calls.filter(({ name }) => name === "setModelPreset").map((call) => call.args);
	return { text: readOutcome(outcome), calls };
}

describe("/preset", () => {
	test.each([
		["glm47", ["9", "glm47"]],
		["QWEN", ["9", "qwen"]],
		["flash 17", ["17", "flash"]],
		["off", ["9", undefined]],
		["off 17", ["17", undefined]],
	])("%s sets it, or takes it away", async (args, call) => {
		const { text, calls } = await run(args);
		expect(calls).toEqual([call]);
		expect(text).toContain(`\`${call[0]}\``);
	});

	test.each(["", "opus", "qwen x", "qwen 0", "qwen 17 18", "../x"])(
		"%j changes nothing and says how",
		async (args) => {
			const { text, calls } = await run(args);
			expect(calls).toEqual([]);
			expect(text).toContain("/preset PRESET ACCOUNT");
		},
	);

	test("says so when there is no such account", async () => {
		expect((await run("qwen 404", { isKnown: false })).text).toContain("There is no account");
	});

	test.each(LANGUAGES)("is nobody's but the staff's (%s)", async (language) => {
		const deps = createTestDeps();
		await runCommand("preset", createTestContext(deps, { language, args: "qwen" }));
		expect(deps.calls.filter(({ name }) => name === "setModelPreset")).toEqual([]);
	});
});
