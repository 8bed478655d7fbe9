import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { findInstance, listInstances } from "../db/instance-views.ts";
import { wishDeleted } from "../db/instance-wishes.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { joinAs, makeSender, subscribe } from "../testing/people.ts";
import type { InstanceHouse, InstanceWish } from "./create-instance.ts";
import { createInstance } from "./create-instance.ts";

const HOUSE: InstanceHouse = {
	...{ region: "here", host: "test", kind: "openclaw", release: "openclaw@2026.9.6", liveMax: 1_000 },
};

let world: TestDb;
beforeAll(async () => {
	world = await createTestDb({ poolMax: 20 });
});
afterAll(async () => await world.destroy());

async function openAccount(planId = "pro_40"): Promise<string> {
	return await subscribe(world.db, await joinAs(world.db, makeSender()), planId);
}

async function withoutSubscription(): Promise<string> {
	const accountId = await openAccount();
	await world
		.db("subscriptions")
		.where({ account_id: accountId })
		.update({ state: "ended", ends_at: new Date() });
	return accountId;
}

async function create(accountId: string, more: Partial<InstanceWish> = {}, house = HOUSE) {
	return await createInstance(world.db, house, { accountId, ...more });
}

/** As if it had been deleted and were gone. */
async function bury(instanceId: string): Promise<void> {
	await wishDeleted(world.db, { instanceId }, { keptMs: 1_000_000 });
	await world.db("instances").where({ id: instanceId }).update({ phase: "gone" });
}

describe("an account", () => {
	test("that asks fifty times at once has one instance", async () => {
		const accountId = await openAccount();
		const made = await Promise.all(Array.from({ length: 50 }, async () => await create(accountId)));
		expect(new Set(made.map(({ instanceId }) => instanceId)).size).toBe(1);
		expect(made.filter(({ isNew }) => isNew)).toHaveLength(1);
		expect(await listInstances(world.db, accountId)).toMatchObject([
			{ slot: 1, region: "here", desired: "running", phase: "none", generation: 1 },
		]);
	});

	test("has one more a slot, and a new one once the old one is gone", async () => {
		const accountId = await openAccount();
		const first = await create(accountId);
		const second = await create(accountId, { slot: 2 });
		expect(second.instanceId).not.toBe(first.instanceId);
		await wishDeleted(world.db, { instanceId: first.instanceId }, { keptMs: 1_000 });
		expect(await create(accountId)).toEqual({ instanceId: first.instanceId, isNew: false });
		await bury(second.instanceId);
		expect((await create(accountId, { slot: 2 })).isNew).toBe(true);
	});

	test("may have five made an hour, and is told how long to wait", async () => {
		const accountId = await openAccount();
		for (let made = 0; made < 5; made += 1) await bury((await create(accountId)).instanceId);
		await expect(create(accountId)).rejects.toMatchObject({
			code: "RATE_LIMITED",
			details: { reason: "deploy-rate", retryAfterMs: expect.any(Number) },
		});
		const refused = (await create(accountId).catch((error: unknown) => error)) as {
			readonly details: { readonly retryAfterMs: number };
		};
		expect(refused.details.retryAfterMs).toBeGreaterThan(3_500_000);
		expect(refused.details.retryAfterMs).toBeLessThanOrEqual(3_600_000);
	});

	test.each([
		["without a subscription", withoutSubscription, {}, "BILLING_SUBSCRIPTION_INACTIVE"],
		["whose plan has none", async () => await openAccount("free"), {}, "FORBIDDEN"],
		["that wants it where there are none", openAccount, { region: "moon" }, "REQUEST_INVALID"],
	] as const)("%s gets none", async (_, open, more, code) => {
		const accountId = await open();
		await expect(create(accountId, more)).rejects.toMatchObject({ code });
		expect(await listInstances(world.db, accountId)).toEqual([]);
	});

	test("does not see another's", async () => {
		const [accountId, other] = [await openAccount(), await openAccount()];
		const { instanceId } = await create(other);
		expect(await findInstance(world.db, { accountId, instanceId })).toBeUndefined();
		expect(await findInstance(world.db, { accountId: other, instanceId })).toMatchObject({ id: instanceId });
		expect(await wishDeleted(world.db, { instanceId, accountId }, { keptMs: 1 })).toBe(false);
	});
});

test("the house has no more than it may, however many ask at once", async () => {
	const before = Number((await world.db("instances").whereNot({ phase: "gone" }).count())[0]?.["count"]);
	const house = { ...HOUSE, liveMax: before + 3 };
	const accounts = await Promise.all(Array.from({ length: 10 }, async () => await openAccount()));
	const made = await Promise.allSettled(accounts.map(async (id) => await create(id, {}, house)));
	expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
	const refused = made.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
	for (const error of refused) expect(error).toMatchObject({ code: "CAPACITY_REACHED" });
});
