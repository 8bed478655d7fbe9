import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Knex } from "knex";
import { createTurnContexts } from "../accounts/turn-contexts.ts";
import { unbindSender } from "../accounts/unbind-sender.ts";
import { setBanned } from "../db/accounts.ts";
import { findSenderAccount } from "../db/senders.ts";
import type { Sender } from "../pipeline/message.ts";
import type { CodeDesk } from "../testing/code-desk.ts";
import { createCodeDesk } from "../testing/code-desk.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { availableTokens, joinAs, makeSender, PEPPER, privateLane } from "../testing/people.ts";
import { issuePlanCode } from "./issue-code.ts";

let testDb: TestDb;
let db: Knex;
let desk: CodeDesk;
let staff: string;

beforeAll(async () => {
	testDb = await createTestDb({ poolMax: 20 });
	db = testDb.db;
	desk = await createCodeDesk(db);
	staff = await joinAs(db, makeSender());
});
afterAll(async () => await testDb.destroy());
// Wrong codes of one test must not pause binding for the others.
beforeEach(async () => await db.raw("truncate bind_attempts"));

const planOf = async (sender: Sender) =>
	(await createTurnContexts(db)({ ...sender, lane: privateLane(sender) }))?.account?.subscription;

describe("a plan code", () => {
	test("activates the plan at once, also for a sender without an account", async () => {
		const ann = makeSender();
		await joinAs(db, ann);
		const code = await desk.issuePlan();
		expect(code.code).toMatch(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/);
		expect(await desk.redeem(ann, code.code)).toMatchObject({ kind: "plan", planName: "Starter" });
		expect(await planOf(ann)).toMatchObject({ dailyTokens: 50_000, caller: { planId: "starter_20" } });

		const stranger = makeSender();
		const { deepLinkCode } = await issuePlanCode(db, PEPPER, {
			planId: "pro_40",
			months: undefined,
			issuedByAccountId: staff,
		});
		const outcome = await desk.redeem(stranger, deepLinkCode, { language: "ru" });
		expect(outcome).toMatchObject({ kind: "plan", planName: "Pro", endsAt: undefined });
		expect(await availableTokens(db, outcome.accountId)).toBe(100_000);
	});

	test("works once, in whichever form", async () => {
		const code = await desk.issuePlan();
		await desk.redeem(makeSender(), code.code.toLowerCase());
		for (const form of [code.code, code.deepLinkCode]) {
			await expect(desk.redeem(makeSender(), form)).rejects.toMatchObject({ code: "BIND_CODE_INVALID" });
		}
	});

	test("redeemed by 50 senders at the same moment activates one plan", async () => {
		const { code } = await desk.issuePlan();
		const senders = Array.from({ length: 50 }, () => makeSender());
		await Promise.all(senders.map(async (sender) => await joinAs(db, sender)));
		const outcomes = await Promise.allSettled(senders.map(async (sender) => await desk.redeem(sender, code)));
		expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
		for (const outcome of outcomes) {
			if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "BIND_CODE_INVALID" });
		}
		const { rows } = await db.raw<{ rows: { n: string }[] }>(
			"select count(*) as n from subscriptions where source = 'bind-code' and external_id = (select id::text from bind_codes order by id desc limit 1)",
		);
		expect(rows).toEqual([{ n: "1" }]);
	});

	test("redeemed again by the same turn, as after a crash, gives the same answer", async () => {
		const ann = makeSender();
		const { code } = await desk.issuePlan();
		const turnId = randomUUID();
		const first = await desk.redeem(ann, code, { turnId });
		expect(await desk.redeem(ann, code, { turnId })).toEqual({ ...first });
		await expect(desk.redeem(ann, code)).rejects.toMatchObject({ code: "BIND_CODE_INVALID" });
	});

	test("for the running plan adds its months to the end", async () => {
		const ann = makeSender();
		const first = await desk.redeem(ann, (await desk.issuePlan()).code);
		const second = await desk.redeem(ann, (await desk.issuePlan("starter_20", 2)).code);
		if (first.kind !== "plan" || second.kind !== "plan") throw new Error("not a plan");
		const { rows } = await db.raw<{ rows: { same: boolean }[] }>(
			"select ?::timestamptz + interval '2 months' = ?::timestamptz as same",
			[first.endsAt?.toISOString() ?? null, second.endsAt?.toISOString() ?? null],
		);
		expect(rows).toEqual([{ same: true }]);
		expect(second.replacedPlanId).toBeUndefined();
	});

	test("for another plan says which one ended", async () => {
		const ann = makeSender();
		await desk.redeem(ann, (await desk.issuePlan()).code);
		expect(await desk.redeem(ann, (await desk.issuePlan("max_200")).code)).toMatchObject({
			replacedPlanId: "starter_20",
		});
	});

	test("gives somebody who left today his paid tokens at once", async () => {
		const ann = makeSender();
		const bob = makeSender("wechat");
		const shared = await joinAs(db, ann);
		await desk.redeem(bob, (await desk.issueLink(shared)).code);
		await unbindSender(db, PEPPER, bob, shared);
		const own = (await findSenderAccount(db, bob)) ?? "";
		expect(await availableTokens(db, own)).toBe(0);
		await desk.redeem(bob, (await desk.issuePlan()).code);
		expect(await availableTokens(db, own)).toBe(50_000);
	});

	test("is refused to a banned account and stays good", async () => {
		const ann = makeSender();
		const { code } = await desk.issuePlan();
		await setBanned(db, await joinAs(db, ann), true);
		await expect(desk.redeem(ann, code)).rejects.toMatchObject({ code: "FORBIDDEN" });
		expect(await desk.redeem(makeSender(), code)).toMatchObject({ kind: "plan" });
	});

	test.each([
		["an unknown plan", { planId: "gold", months: 1 }, "plan-unknown"],
		["a plan without a figure", { planId: "team", months: 1 }, "plan-tokens-missing"],
		["0 months", { planId: "starter_20", months: 0 }, undefined],
		["1.5 months", { planId: "starter_20", months: 1.5 }, undefined],
		["121 months", { planId: "starter_20", months: 121 }, undefined],
		["a negative figure", { planId: "team", months: 1, dailyTokens: -5 }, undefined],
		["31 days of validity", { planId: "starter_20", months: 1, validityMs: 31 * 86_400_000 }, undefined],
	])("is not issued for %s", async (_, wish, reason) => {
		const issued = issuePlanCode(db, PEPPER, { ...wish, issuedByAccountId: staff });
		await expect(issued).rejects.toMatchObject({
			code: "REQUEST_INVALID",
			details: reason === undefined ? {} : { reason },
		});
	});

	test("carries the figure of a plan that leaves it to the issuer", async () => {
		const ann = makeSender();
		const { code } = await issuePlanCode(db, PEPPER, {
			planId: "team",
			months: 1,
			dailyTokens: 7_000,
			issuedByAccountId: staff,
		});
		await desk.redeem(ann, code);
		expect(await planOf(ann)).toMatchObject({ dailyTokens: 7_000, planName: "Team" });
	});
});
