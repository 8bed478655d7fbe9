import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { makeInstance } from "../instances/testing/make-instance.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { noteInstanceUse, putIdleToSleep } from "./instance-sleep.ts";
import { findInstance } from "./instance-views.ts";
import { wishRunning, wishStopped } from "./instance-wishes.ts";

const IDLE_MINUTES = 30;

let world: TestDb;
beforeAll(async () => {
	world = await createTestDb();
	await world.db("plans").where({ id: "pro_40" }).update({ instance_idle_minutes: IDLE_MINUTES });
});
afterAll(async () => await world.destroy());

type Made = Awaited<ReturnType<typeof makeInstance>>;

/** One nobody has talked to for so long. */
async function makeIdle(minutes: number, phase = "ready"): Promise<Made> {
	const made = await makeInstance(world.db, phase);
	await world
		.db("instances")
		.where({ id: made.instanceId })
		.update({ used_at: new Date(Date.now() - minutes * 60_000) });
	return made;
}

async function seen(made: Made) {
	const view = await findInstance(world.db, made);
	return { desired: view?.desired, isAsleep: view?.isAsleep };
}

const AWAKE = { desired: "running", isAsleep: false };
const ASLEEP = { desired: "stopped", isAsleep: true };

test("one nobody talked to sleeps, as its plan says; one somebody talks to does not", async () => {
	const [idle, used, busy] = [await makeIdle(31), await makeIdle(29), await makeIdle(31)];
	await noteInstanceUse(world.db, [busy.instanceId]);
	expect(await putIdleToSleep(world.db)).toBe(1);
	expect([await seen(idle), await seen(used), await seen(busy)]).toEqual([ASLEEP, AWAKE, AWAKE]);
	expect(await putIdleToSleep(world.db)).toBe(0);
});

test("what is not up, or is being started, is left alone", async () => {
	const starting = await makeIdle(90, "starting");
	const deployed = await makeIdle(90);
	await world
		.db("instances")
		.where({ id: deployed.instanceId })
		.update({ deploy_until: new Date(Date.now() + 60_000) });
	await putIdleToSleep(world.db);
	expect([await seen(starting), await seen(deployed)]).toEqual([AWAKE, AWAKE]);
});

test("a plan without sleep has none; an account without a plan for it sleeps after an hour", async () => {
	const [dedicated, ended, recent] = [await makeIdle(10_000), await makeIdle(61), await makeIdle(59)];
	await world
		.db("subscriptions")
		.where({ account_id: dedicated.accountId, state: "active" })
		.update({ plan_id: "max_200" });
	for (const { accountId } of [ended, recent]) {
		await world
			.db("subscriptions")
			.where({ account_id: accountId, state: "active" })
			.update({ plan_id: "free" });
	}
	await putIdleToSleep(world.db);
	expect([await seen(dedicated), await seen(ended), await seen(recent)]).toEqual([AWAKE, ASLEEP, AWAKE]);
});

test("started or stopped by its owner it sleeps no more, and counts as used", async () => {
	const idle = await makeIdle(31);
	await putIdleToSleep(world.db);
	await wishStopped(world.db, idle);
	expect(await seen(idle)).toEqual({ desired: "stopped", isAsleep: false });
	await wishRunning(world.db, idle, { deployMs: 1_000 });
	await world.db("instances").where({ id: idle.instanceId }).update({ phase: "ready", deploy_until: null });
	expect(await putIdleToSleep(world.db)).toBe(0);
});
