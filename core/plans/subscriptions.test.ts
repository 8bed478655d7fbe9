import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Knex } from "knex";
import { createTurnContexts } from "../accounts/turn-contexts.ts";
import type { Sender } from "../pipeline/message.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { availableTokens, joinAs, makeSender, privateLane, spendTokens } from "../testing/people.ts";
import type { Activation, ActivationOutcome } from "./activate-subscription.ts";
import { activateSubscription } from "./activate-subscription.ts";
import { createPlans } from "./cached-plans.ts";
import { endSubscriptionOf, endSubscriptions } from "./end-subscriptions.ts";
import { requireSubscription } from "./require-subscription.ts";

let testDb: TestDb;
let db: Knex;

beforeAll(async () => {
	testDb = await createTestDb({ poolMax: 20 });
	db = testDb.db;
});
afterAll(async () => await testDb.destroy());

async function activate(accountId: string, more: Partial<Activation> = {}): Promise<ActivationOutcome> {
	return await db.transaction(
		async (trx) =>
			await activateSubscription(trx, { accountId, planId: "pro_40", months: 1, source: "test", ...more }),
	);
}

const subscriptionOf = async (sender: Sender) =>
	(await createTurnContexts(db)({ ...sender, lane: privateLane(sender) }))?.account?.subscription;

const endNow = async (accountId: string) =>
	await db.raw("update subscriptions set ends_at = now() where account_id = ? and state = 'active'", [
		accountId,
	]);

describe("a subscription", () => {
	test("fills the running day up to the new plan's figure", async () => {
		const accountId = await joinAs(db, makeSender());
		await spendTokens(db, accountId, 1_000);
		await activate(accountId);
		expect(await availableTokens(db, accountId)).toBe(99_000);
	});

	test("bought once is activated once, also when the payment is told 20 times at once", async () => {
		const accountId = await joinAs(db, makeSender());
		const purchase = { source: "stars", externalId: `order-${accountId}` };
		const outcomes = await Promise.all(
			Array.from({ length: 20 }, async () => await activate(accountId, purchase)),
		);
		expect(outcomes.filter(({ kind }) => kind === "activated")).toHaveLength(1);
		expect(new Set(outcomes.map(({ endsAt }) => endsAt?.getTime())).size).toBe(1);
	});

	test("bought for one account is not given to another", async () => {
		const [ann, bob] = [await joinAs(db, makeSender()), await joinAs(db, makeSender())];
		const purchase = { source: "stars", externalId: `order-${ann}` };
		await activate(ann, purchase);
		for (const other of [{ accountId: bob }, { planId: "max_200" }]) {
			await expect(activate(ann, { ...purchase, ...other })).rejects.toMatchObject({
				code: "REQUEST_INVALID",
				details: { reason: "purchase-mismatch" },
			});
		}
	});

	test("is the only active one, however many start at once", async () => {
		const accountId = await joinAs(db, makeSender());
		await Promise.all(
			["starter_20", "pro_40", "max_200"].map(async (planId) => await activate(accountId, { planId })),
		);
		const { rows } = await db.raw("select 1 from subscriptions where account_id = ? and state = 'active'", [
			accountId,
		]);
		expect(rows).toHaveLength(1);
	});

	test.each([
		["an unknown plan", { planId: "gold" }, "plan-unknown"],
		["a plan without a figure", { planId: "enterprise" }, "plan-tokens-missing"],
	])("of %s is refused and the old one goes on", async (_, wish, reason) => {
		const sender = makeSender();
		const accountId = await joinAs(db, sender);
		await expect(activate(accountId, wish)).rejects.toMatchObject({
			code: "REQUEST_INVALID",
			details: { reason },
		});
		expect(await subscriptionOf(sender)).toMatchObject({ caller: { planId: "free" } });
	});

	test("ends with its time: back to free, seen at once, also by many nodes", async () => {
		const sender = makeSender();
		const accountId = await joinAs(db, sender);
		await activate(accountId);
		expect(await endSubscriptionOf(db, accountId)).toBe(false);
		await endNow(accountId);
		const ended = await subscriptionOf(sender);
		expect(ended).toMatchObject({ live: false });
		expect(() => requireSubscription(ended)).toThrow(
			expect.objectContaining({ code: "BILLING_SUBSCRIPTION_INACTIVE" }),
		);
		const counts = await Promise.all([1, 2, 3].map(async () => await endSubscriptions(db)));
		expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1);
		expect(await subscriptionOf(sender)).toMatchObject({
			live: true,
			dailyTokens: 5_000,
			caller: { planId: "free" },
		});
		expect(await endSubscriptions(db)).toBe(0);
	});

	test("of another plan takes the place of the running one", async () => {
		const accountId = await joinAs(db, makeSender());
		await activate(accountId);
		expect(await activate(accountId, { planId: "max_200" })).toMatchObject({ replacedPlanId: "pro_40" });
	});

	test("cannot be had where the free plan is switched off", async () => {
		const sender = makeSender();
		const accountId = await joinAs(db, sender);
		await activate(accountId);
		await endNow(accountId);
		await db.raw("update plans set enabled = false where id = 'free'");
		try {
			await endSubscriptions(db);
			const stranger = makeSender();
			await joinAs(db, stranger);
			for (const one of [sender, stranger]) {
				const subscription = await subscriptionOf(one);
				expect(subscription).toBeUndefined();
				expect(() => requireSubscription(subscription)).toThrow(
					expect.objectContaining({ code: "BILLING_SUBSCRIPTION_INACTIVE" }),
				);
			}
		} finally {
			await db.raw("update plans set enabled = true where id = 'free'");
		}
	});
});

describe("the price list", () => {
	test("is the contract's, cheapest first", async () => {
		const plans = await createPlans(db)();
		expect(plans.map(({ id, dailyTokens }) => [id, dailyTokens])).toEqual([
			["free", 5_000],
			["starter_20", 50_000],
			["pro_40", 100_000],
			["max_200", 500_000],
			["enterprise", undefined],
			["team", undefined],
		]);
	});

	test("shows an edit within 5 s", async () => {
		let nowMs = 0;
		const list = createPlans(db, () => nowMs);
		await list();
		await db.raw("update plans set name = 'Starter+' where id = 'starter_20'");
		nowMs = 4_999;
		expect((await list())[1]?.name).toBe("Starter");
		nowMs = 5_000;
		expect((await list())[1]?.name).toBe("Starter+");
	});
});
