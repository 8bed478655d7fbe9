import { describe, expect, test } from "@jest/globals";
import {
	createTestContext,
	createTestDeps,
	readOutcome,
	toOpenDialogues,
} from "../../testing/command-context.ts";
import { runCommand } from "../run-command.ts";

test("/export attaches everything as JSON under a name of ours", async () => {
	const deps = createTestDeps();
	expect(await runCommand("export", createTestContext(deps, { args: "../../etc/passwd" }))).toMatchObject({
		replies: [
			{ attachment: { filename: "rockpool-export-2026-11-20.json", text: '{"account":"7"}' }, secret: true },
		],
	});
	expect(deps.calls).toEqual([{ name: "exportAccount", args: ["7"] }]);
});

describe("/delete", () => {
	async function ask() {
		const deps = createTestDeps();
		const outcome = await runCommand("delete", createTestContext(deps));
		if (outcome.kind !== "reply") throw new Error("expected a question");
		const token = outcome.replies[0]?.buttons?.[0]?.[0]?.data.replace("delete:", "") ?? "";
		return { deps, outcome, token, dialogues: toOpenDialogues(outcome.dialogues) };
	}

	test("asks first, says what will be gone, and deletes nothing", async () => {
		const { deps, outcome } = await ask();
		expect(readOutcome(outcome)).toContain("for good");
		expect(deps.calls).toEqual([]);
	});

	test("deletes with the token", async () => {
		const { deps, token, dialogues } = await ask();
		const text = readOutcome(await runCommand("delete", createTestContext(deps, { args: token, dialogues })));
		expect(text).toContain("Your account is deleted");
		expect(deps.calls).toEqual([{ name: "deleteAccount", args: ["7"] }]);
	});

	test.each(["yes", "confirm", "aaaaaaaa", ""])("deletes nothing on %j", async (args) => {
		const { deps, dialogues } = await ask();
		await runCommand("delete", createTestContext(deps, { args, dialogues }));
		expect(deps.calls).toEqual([]);
	});

	test("does not take the token of another question", async () => {
		const { deps, token, dialogues } = await ask();
		const other = dialogues.map((dialogue) => ({ ...dialogue, kind: "confirm-unbind" }));
		await runCommand("delete", createTestContext(deps, { args: token, dialogues: other }));
		expect(deps.calls).toEqual([]);
	});

	test("keeps the question while an answer is still being paid for", async () => {
		const { token, dialogues } = await ask();
		const deps = createTestDeps({ deleteAccount: async () => "busy" });
		const outcome = await runCommand("delete", createTestContext(deps, { args: token, dialogues }));
		expect(readOutcome(outcome)).toContain("nothing was deleted");
		expect(outcome).not.toHaveProperty("dialogues");
	});

	test("asked twice, the later token counts", async () => {
		const first = await ask();
		const again = await runCommand("delete", createTestContext(first.deps, { dialogues: first.dialogues }));
		if (again.kind !== "reply") throw new Error("expected a question");
		expect(again.dialogues).toMatchObject([{ expectedVersion: 1 }]);
		const dialogues = toOpenDialogues(again.dialogues);
		await runCommand("delete", createTestContext(first.deps, { args: first.token, dialogues }));
		expect(first.deps.calls).toEqual([]);
	});
});
