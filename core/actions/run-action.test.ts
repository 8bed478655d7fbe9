import { describe, expect, test } from "@jest/globals";
import { runCommand } from "../commands/run-command.ts";
import type { Language } from "../pipeline/message.ts";
import {
	createTestContext,
	createTestDeps,
	readOutcome,
	TEST_GROUP,
	toOpenDialogues,
} from "../testing/command-context.ts";
import { LANGUAGES } from "../texts/say.ts";
import { runAction } from "./run-action.ts";

const EXPIRED = "This button no longer works. Please ask again.";

describe("a button", () => {
	test.each([
		["tier:economy", { name: "setPolicy", args: ["7", "CHEAP"] }],
		["lang:ru", { name: "setLanguage", args: ["7", "ru"] }],
		["tz:Asia/Tokyo", { name: "changeZone", args: ["7", "Asia/Tokyo"] }],
		["agent:none", { name: "clearAgent", args: ["7", "telegram:100:5"] }],
	])("%s does what the command does, for the account of whoever pressed it", async (data, call) => {
		const deps = createTestDeps();
		const outcome = await runAction(data, createTestContext(deps));
		expect(deps.calls[0]).toEqual(call);
		expect(readOutcome(outcome).trim()).not.toBe("");
	});

	test("stop needs no message of its own: the answer that it ends says so", async () => {
		const deps = createTestDeps();
		const outcome = await runAction("stop:41", createTestContext(deps));
		expect(deps.calls).toEqual([{ name: "stopTurn", args: ["telegram:100:5", "7"] }]);
		expect(outcome).toMatchObject({ replies: [], toast: expect.stringContaining("Stopped") });
		const idle = createTestContext(createTestDeps({ stopTurn: async () => false }));
		expect(await runAction("stop", idle)).toMatchObject({
			replies: [],
			toast: expect.stringContaining("Nothing"),
		});
	});

	test("agent sets the agent up with one tap and says so", async () => {
		const deps = createTestDeps();
		const outcome = await runAction("agent:coder", createTestContext(deps));
		expect(deps.calls.map(({ name }) => name)).toContain("configureAgent");
		expect(readOutcome(outcome)).toContain("Coder");
	});

	test("retry repeats the last message, cmd runs a harmless command", async () => {
		expect(await runAction("retry", createTestContext(createTestDeps()))).toMatchObject({ kind: "retry" });
		expect(readOutcome(await runAction("cmd:plan", createTestContext(createTestDeps())))).toContain(
			"All plans",
		);
	});

	test("lang answers in the language that was chosen", async () => {
		const outcome = await runAction("lang:ru", createTestContext(createTestDeps()));
		expect(readOutcome(outcome)).toMatch(/русск/i);
	});

	test("ignores what stood behind the command before", async () => {
		const deps = createTestDeps();
		await runAction("cmd:tier", createTestContext(deps, { args: "economy" }));
		expect(deps.calls).toEqual([]);
	});
});

describe("resend", () => {
	test("asks for the event of this very sender", async () => {
		const deps = createTestDeps();
		const ctx = createTestContext(deps);
		const outcome = await runAction("resend:41", ctx);
		expect(deps.calls).toEqual([{ name: "resend", args: ["41", ctx.sender] }]);
		expect(outcome).toMatchObject({ replies: [], toast: "Your message is in the queue again." });
	});

	test("of somebody else's or an old event is expired", async () => {
		const deps = createTestDeps({ resend: async () => "gone" });
		expect(await runAction("resend:41", createTestContext(deps))).toEqual({
			kind: "reply",
			replies: [],
			toast: EXPIRED,
		});
	});
});

describe("a stale or forged button (row 23)", () => {
	test.each([
		"nonsense",
		"ob:tier:smart",
		"delete:aaaaaaaa",
		"unbind:aaaaaaaa",
		"tz:EST5EDT",
		"tz:moscow",
		"cmd:delete",
	])("%s does nothing and is said to be expired", async (data) => {
		const deps = createTestDeps();
		expect(await runAction(data, createTestContext(deps))).toEqual({
			kind: "reply",
			replies: [],
			toast: EXPIRED,
		});
		expect(deps.calls).toEqual([]);
	});

	test.each(LANGUAGES)("is told so in %s", async (language: Language) => {
		const outcome = await runAction("nonsense", createTestContext(createTestDeps(), { language }));
		expect(readOutcome(outcome).trim()).not.toBe("");
		if (language !== "en") expect(outcome).not.toMatchObject({ toast: EXPIRED });
	});

	test("the delete button of one sender does nothing for another", async () => {
		const asked = await runCommand("delete", createTestContext(createTestDeps()));
		if (asked.kind !== "reply") throw new Error("expected a question");
		const data = asked.replies[0]?.buttons?.[0]?.[0]?.data ?? "";
		const owner = createTestDeps();
		const other = createTestDeps();
		const sender = { platform: "telegram", botId: "100", userId: "6" } as const;
		await runAction(
			data,
			createTestContext(other, { sender, account: { id: "8", policy: "BEST", isStaff: false } }),
		);
		expect(other.calls).toEqual([]);
		await runAction(data, createTestContext(owner, { dialogues: toOpenDialogues(asked.dialogues) }));
		expect(owner.calls).toEqual([{ name: "deleteAccount", args: ["7"] }]);
	});
});

describe("in a group", () => {
	test.each([
		"agent:coder",
		"tier:smart",
		"lang:ru",
		"tz:Asia/Tokyo",
		"delete:aaaaaaaa",
		"cmd:usage",
		"cmd:plan",
	])("%s only asks to write privately", async (data) => {
		const deps = createTestDeps();
		const outcome = await runAction(data, createTestContext(deps, { chat: TEST_GROUP }));
		expect(outcome).toMatchObject({ replies: [], toast: "Please write to me in a private chat for this." });
		expect(deps.calls).toEqual([]);
	});

	test("stop and resend work, for the presser's own", async () => {
		const deps = createTestDeps();
		const ctx = createTestContext(deps, { chat: TEST_GROUP, lane: "telegram:100:-9" });
		await runAction("stop", ctx);
		await runAction("resend:41", ctx);
		expect(deps.calls).toEqual([
			{ name: "stopTurn", args: ["telegram:100:-9", "7"] },
			{ name: "resend", args: ["41", ctx.sender] },
		]);
	});
});
