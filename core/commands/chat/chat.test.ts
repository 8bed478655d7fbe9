import { describe, expect, test } from "@jest/globals";
import { createTestContext, createTestDeps, readOutcome } from "../../testing/command-context.ts";
import type { LastTurn } from "../../usage/last-turn.ts";
import { runCommand } from "../run-command.ts";

const failed: LastTurn = {
	inboxId: "40",
	text: "tell me a story",
	result: undefined,
	receivedAt: new Date("2026-11-20T13:00:00Z"),
	failed: true,
};

describe("/retry", () => {
	test("repeats the last message; a turn that went well is paid for again", async () => {
		const deps = createTestDeps();
		const outcome = await runCommand("retry", createTestContext(deps));
		expect(outcome).toMatchObject({
			kind: "retry",
			text: "why is the sky blue?",
			refunded: false,
			turn: { inboxId: "41" },
		});
		expect(deps.calls.map(({ name }) => name)).toEqual(["findLastTurn"]);
	});

	test("gives back what a failed turn had cost", async () => {
		const deps = createTestDeps({ findLastTurn: async () => failed, refundTurn: async () => 5_000_000 });
		expect(await runCommand("retry", createTestContext(deps))).toEqual({
			kind: "retry",
			text: "tell me a story",
			turn: failed,
			refunded: true,
		});
	});

	test("says nothing of a refund when the failed turn had cost nothing", async () => {
		const deps = createTestDeps({ findLastTurn: async () => failed });
		expect(await runCommand("retry", createTestContext(deps))).toMatchObject({ refunded: false });
		expect(deps.calls).toEqual([{ name: "refundTurn", args: [failed, "7"] }]);
	});

	test("has nothing to repeat in a new chat", async () => {
		const deps = createTestDeps({ findLastTurn: async () => undefined });
		expect(readOutcome(await runCommand("retry", createTestContext(deps)))).toContain("no message of yours");
	});
});

describe("/last", () => {
	test("shows the stored answer as it was, for nothing", async () => {
		const deps = createTestDeps();
		expect(await runCommand("last", createTestContext(deps))).toEqual({
			kind: "reply",
			replies: [{ markdown: "Rayleigh, Рэлей, 瑞利." }],
		});
	});

	test("says so when there is none", async () => {
		const none = createTestDeps({ findLastTurn: async () => undefined });
		expect(readOutcome(await runCommand("last", createTestContext(none)))).toContain("no earlier answer");
		const dead = createTestDeps({ findLastTurn: async () => failed });
		expect(readOutcome(await runCommand("last", createTestContext(dead)))).toContain("/retry");
	});
});

test("/stop stops what runs in the chat's own lane for this account", async () => {
	const deps = createTestDeps();
	// The answer that ends says so.
	expect(await runCommand("stop", createTestContext(deps))).toEqual({ kind: "reply", replies: [] });
	expect(deps.calls).toEqual([{ name: "stopTurn", args: ["telegram:100:5", "7"] }]);
	const idle = createTestDeps({ stopTurn: async () => false });
	expect(readOutcome(await runCommand("stop", createTestContext(idle)))).toContain("Nothing of yours");
});

test("/new forgets the lane's conversation", async () => {
	const deps = createTestDeps();
	await runCommand("new", createTestContext(deps));
	expect(deps.calls).toEqual([{ name: "startNew", args: ["telegram:100:5", "7"] }]);
});

describe("/cancel", () => {
	test("drops every open question and keeps the bookkeeping", async () => {
		const dialogues = [
			{ kind: "album", state: { albumId: "1" }, version: 9 },
			{ kind: "confirm-delete", state: {}, version: 2 },
			{ kind: "onboarding", state: {}, version: 4 },
		];
		const outcome = await runCommand("cancel", createTestContext(createTestDeps(), { dialogues }));
		expect(outcome).toMatchObject({
			dialogues: [
				{ kind: "confirm-delete", expectedVersion: 2, state: undefined },
				{ kind: "onboarding", expectedVersion: 4, state: undefined },
			],
		});
	});

	test("says so when nothing is open", async () => {
		const outcome = await runCommand("cancel", createTestContext(createTestDeps()));
		expect(readOutcome(outcome)).toContain("nothing to cancel");
	});
});
