import { describe, expect, test } from "@jest/globals";
import { runAction } from "../../actions/run-action.ts";
import { AppError } from "../../errors.ts";
import {
	createTestContext,
	createTestDeps,
	readOutcome,
	TEST_GROUP,
	toOpenDialogues,
} from "../../testing/command-context.ts";
import { runCommand } from "../run-command.ts";
import { bindWithCode } from "./bind.ts";

describe("/bind", () => {
	test("redeems the code for the sender's account and tells the plan and its end", async () => {
		const deps = createTestDeps();
		const ctx = createTestContext(deps, { args: "abcde-l2345" });
		const text = readOutcome(await runCommand("bind", ctx));
		expect(text).toContain("**Pro**, until Dec 20, 2026");
		expect(deps.calls).toEqual([
			{
				name: "redeemBindCode",
				args: [
					{
						code: "abcde-l2345",
						sender: ctx.sender,
						chat: ctx.chat,
						language: "en",
						turnId: "42",
						asksFirst: true,
					},
				],
			},
		]);
	});

	test("says how when there is no code", async () => {
		const deps = createTestDeps();
		expect(readOutcome(await runCommand("bind", createTestContext(deps)))).toContain("/bind CODE");
		expect(deps.calls).toEqual([]);
	});

	test("tells that a linked chat belongs to the other account", async () => {
		const deps = createTestDeps({
			redeemBindCode: async () => ({ kind: "link", owner: { platform: "wechat", name: "Ann` [x](y)" } }),
		});
		const ctx = createTestContext(deps, { args: "ABCDE12345" });
		expect(readOutcome(await runCommand("bind", ctx))).toContain("your other account (wechat, `Ann [x](y)`)");
	});

	describe("that would erase an account in use", () => {
		const owner = { platform: "telegram", name: "Mallory" } as const;
		const redeemBindCode = async ({ asksFirst }: { readonly asksFirst: boolean }) =>
			asksFirst ? ({ kind: "asks", owner, codeId: "77" } as const) : ({ kind: "link", owner } as const);

		async function ask(args = "AAAAAAAAAAAAAAAAAAAAAA") {
			const deps = createTestDeps({ redeemBindCode });
			const outcome = await runCommand("start", createTestContext(deps, { args }));
			if (outcome.kind !== "reply") throw new Error("expected a question");
			const data = outcome.replies[0]?.buttons?.[0]?.[0]?.data ?? "";
			return { outcome, data, dialogues: toOpenDialogues(outcome.dialogues) };
		}

		test("is asked about first, with the name of who will read along", async () => {
			const { outcome } = await ask();
			expect(readOutcome(outcome)).toContain("(telegram, `Mallory`)");
			expect(readOutcome(outcome)).toContain("is erased");
			expect(outcome).toMatchObject({ dialogues: [{ kind: "confirm-bind", expectedVersion: 0 }] });
		});

		test("is done with the very code once its button is pressed, and the question is gone", async () => {
			const { data, dialogues } = await ask();
			const calls: unknown[] = [];
			const deps = createTestDeps({
				redeemBindCode: async (request) => {
					calls.push(request);
					return { kind: "link", owner };
				},
			});
			const outcome = await runAction(data, createTestContext(deps, { dialogues }));
			expect(readOutcome(outcome)).toContain("Done");
			expect(calls).toMatchObject([{ code: { id: "77" }, asksFirst: false }]);
			// Whoever reads the table of dialogues finds no code there.
			expect(JSON.stringify(dialogues)).not.toContain("AAAAAAAAAAAAAAAAAAAAAA");
			expect(outcome).toMatchObject({ dialogues: [{ kind: "confirm-bind", state: undefined }] });
		});

		test("may be confirmed in words", async () => {
			const { data, dialogues } = await ask();
			const deps = createTestDeps({ redeemBindCode });
			const ctx = createTestContext(deps, { args: data.replace("bind:", ""), dialogues });
			expect(readOutcome(await runCommand("bind", ctx))).toContain("Done");
		});

		test("is not done by a made-up or late button", async () => {
			const { data, dialogues } = await ask();
			const deps = createTestDeps();
			const late = { dialogues, now: new Date("2026-11-20T14:10:00Z") };
			expect(await runAction(data, createTestContext(deps, late))).toMatchObject({ replies: [] });
			expect(await runAction("bind:aaaaaaaa", createTestContext(deps, { dialogues }))).toMatchObject({
				replies: [],
			});
			expect(deps.calls).toEqual([]);
		});
	});

	test.each(["BIND_CODE_INVALID", "RATE_LIMITED"] as const)("passes %s on", async (code) => {
		const deps = createTestDeps({
			redeemBindCode: async () => {
				throw new AppError(code, "no");
			},
		});
		const ctx = createTestContext(deps, { args: "x" });
		await expect(runCommand("bind", ctx)).rejects.toMatchObject({ code });
	});

	test("of a bare code in a group revokes it instead", async () => {
		const deps = createTestDeps();
		await bindWithCode(createTestContext(deps, { chat: TEST_GROUP }), "ABCDE-12345");
		expect(deps.calls.map(({ name }) => name)).toEqual(["revokeExposedBindCode"]);
	});
});

describe("/start", () => {
	test("without a payload begins the onboarding", async () => {
		expect(await runCommand("start", createTestContext(createTestDeps()))).toEqual({
			kind: "dialogue",
			start: "onboarding",
		});
	});

	test.each(["AAAAAAAAAAAAAAAAAAAAAA", "x".repeat(65), "%00"])(
		"with the payload %s leaves the judgement to redeeming",
		async (args) => {
			const deps = createTestDeps();
			await runCommand("start", createTestContext(deps, { args }));
			expect(deps.calls[0]).toMatchObject({ name: "redeemBindCode", args: [{ code: args }] });
		},
	);
});

describe("/link", () => {
	test("gives the code, its end in the person's zone and a deep link", async () => {
		const outcome = await runCommand("link", createTestContext(createTestDeps()));
		const text = readOutcome(outcome);
		expect(text).toContain("/bind ABCDE-12345");
		expect(text).toContain("17:10 (Europe/Moscow)");
		expect(text).toContain("https://t.me/rock_bot?start=AAAAAAAAAAAAAAAAAAAAAA");
		expect(outcome).toMatchObject({ replies: [{ secret: true }] });
	});

	test("has no deep link where the bot has no name", async () => {
		const ctx = createTestContext(createTestDeps(), { botUsername: undefined });
		expect(readOutcome(await runCommand("link", ctx))).not.toContain("t.me");
	});
});

describe("/unbind", () => {
	async function ask(overrides = {}) {
		const deps = createTestDeps(overrides);
		const outcome = await runCommand("unbind", createTestContext(deps));
		if (outcome.kind !== "reply") throw new Error("expected a question");
		const data = outcome.replies[0]?.buttons?.[0]?.[0]?.data ?? "";
		return {
			deps,
			outcome,
			token: data.replace("unbind:", ""),
			dialogues: toOpenDialogues(outcome.dialogues),
		};
	}

	test("asks first and does nothing", async () => {
		const { deps, outcome, token } = await ask();
		expect(deps.calls).toEqual([]);
		expect(readOutcome(outcome)).toContain(`/unbind ${token}`);
		expect(outcome.dialogues).toMatchObject([{ kind: "confirm-unbind", userId: "5", expectedVersion: 0 }]);
	});

	test("does it with the token, in either case of letters, and removes the question", async () => {
		const { deps, token, dialogues } = await ask();
		const ctx = createTestContext(deps, { args: token.toUpperCase(), dialogues });
		const outcome = await runCommand("unbind", ctx);
		expect(deps.calls).toEqual([{ name: "unbindSender", args: [ctx.sender, "7"] }]);
		expect(outcome).toMatchObject({
			dialogues: [{ kind: "confirm-unbind", expectedVersion: 1, state: undefined }],
		});
	});

	test.each([
		["a wrong token", "zzzzzzzz", "2026-11-20T14:01:00Z"],
		["a token ten minutes old", undefined, "2026-11-20T14:10:00Z"],
	])("refuses %s", async (_, wrong, at) => {
		const { deps, token, dialogues } = await ask();
		const ctx = createTestContext(deps, { args: wrong ?? token, dialogues, now: new Date(at) });
		expect(readOutcome(await runCommand("unbind", ctx))).toContain("not valid any more");
		expect(deps.calls).toEqual([]);
	});

	test("refuses a token when nothing was asked, or the stored question is broken", async () => {
		const deps = createTestDeps();
		for (const state of [undefined, null, {}, { token: "aaaaaaaa" }, { token: 1, expiresAt: "x" }]) {
			const dialogues = state === undefined ? [] : [{ kind: "confirm-unbind", version: 1, state }];
			await runCommand("unbind", createTestContext(deps, { args: "aaaaaaaa", dialogues }));
		}
		expect(deps.calls).toEqual([]);
	});

	test("asks nothing when this is the account's only chat", async () => {
		const outcome = await runCommand(
			"unbind",
			createTestContext(createTestDeps({ isOnlySender: async () => true })),
		);
		expect(readOutcome(outcome)).toContain("nothing to leave");
		expect(outcome).not.toHaveProperty("dialogues");
	});

	test("says so when it became the account's only chat meanwhile", async () => {
		const { token, dialogues } = await ask();
		const deps = createTestDeps({ unbindSender: async () => "only-sender" });
		const ctx = createTestContext(deps, { args: token, dialogues });
		expect(readOutcome(await runCommand("unbind", ctx))).toContain("/delete");
	});
});

describe("/issue", () => {
	const account = { id: "9", policy: "BEST", isStaff: true } as const;
	const run = async (args: string, overrides = {}) => {
		const deps = createTestDeps(overrides);
		const outcome = await runCommand("issue", createTestContext(deps, { account, args }));
		return {
			calls: deps.calls.filter(({ name }) => name === "issuePlanCode"),
			outcome,
			text: readOutcome(outcome),
		};
	};

	test.each([
		["pro_40", { planId: "pro_40", months: undefined, dailyTokens: undefined }],
		["PRO_40 12", { planId: "pro_40", months: 12, dailyTokens: undefined }],
		["team - 300000", { planId: "team", months: undefined, dailyTokens: 300_000 }],
	])("%s gives a code in the name of the member of staff", async (args, wish) => {
		const { calls, outcome, text } = await run(args);
		expect(calls).toEqual([{ name: "issuePlanCode", args: [{ ...wish, issuedByAccountId: "9" }] }]);
		expect(text).toContain("/bind ABCD-EFGH-1234-5678");
		expect(outcome).toMatchObject({ replies: [{ secret: true }] });
	});

	test.each([
		"",
		"nothing",
		"pro_40 0",
		"pro_40 121",
		"pro_40 -1",
		"pro_40 1e9",
		"pro_40 1 99999999999",
		"pro_40; drop",
	])("%j gives nothing but the way to write it", async (args) => {
		const { calls, text } = await run(args);
		expect(calls).toEqual([]);
		expect(text).toContain("/issue PLAN");
		expect(text).toContain("`pro_40`");
	});

	test.each(["team", "team 3"])("%j passes on that this plan needs a figure", async (args) => {
		const issuePlanCode = async () => {
			throw new AppError("REQUEST_INVALID", "", { details: { reason: "plan-tokens-missing" } });
		};
		await expect(run(args, { issuePlanCode })).rejects.toMatchObject({ code: "REQUEST_INVALID" });
	});
});
