import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { listInstanceFigures } from "../../db/instance-figures.ts";
import { setGatewayUrl } from "../../db/instance-hosts.ts";
import { gatherSamples, listSamples } from "../../db/instance-samples.ts";
import type { TestDb } from "../../testing/create-test-db.ts";
import { createTestDb } from "../../testing/create-test-db.ts";
import type { CellUse } from "../runtime.ts";
import { makeInstance, TEST_HOUSE } from "../testing/make-instance.ts";
import { createSampler } from "./sampler.ts";

const MIB = 2 ** 20;
const SINCE = { step: 15, since: new Date(0), limit: 1_000 } as const;

let world: TestDb;
beforeAll(async () => {
	world = await createTestDb();
	await setGatewayUrl(world.db, TEST_HOUSE.host, "http://127.0.0.1:1");
});
beforeEach(async () => {
	await world.db.raw("truncate instances cascade");
	await world.db("instance_hosts").update({ sampled_at: world.db.raw("'-infinity'") });
});
afterAll(async () => await world.destroy());

function openSampler(use: (cell: string) => Promise<CellUse | undefined>, counts: readonly object[] = []) {
	return createSampler({
		db: world.db,
		runtimes: new Map([[TEST_HOUSE.host, { use }]]),
		counts: { take: () => counts as never },
	});
}

test("each instance is looked at once in a quarter of a minute, however many nodes there are", async () => {
	const { instanceId } = await makeInstance(world.db);
	let asked = 0;
	const use = async (): Promise<CellUse> => {
		asked += 1;
		return { cpuMillis: 120, memoryBytes: 500 * MIB };
	};
	const nodes = Array.from({ length: 4 }, () => openSampler(use));
	await Promise.all(nodes.map(async (sample) => await sample()));
	expect(asked).toBe(1);
	expect(await listSamples(world.db, instanceId, SINCE)).toMatchObject([
		{ cpuMillis: 120, cpuMillisMax: 120, memoryBytes: 500 * MIB, readyShare: 1, turns: 0 },
	]);
});

test("what does not run, cannot be asked or is another host's", async () => {
	const stopped = await makeInstance(world.db, "stopped");
	const starting = await makeInstance(world.db, "starting");
	const silent = await makeInstance(world.db);
	const foreign = await makeInstance(world.db);
	await world.db("instances").where({ id: foreign.instanceId }).update({ host: "elsewhere" });
	const sample = openSampler(async (cell) => {
		if (cell.includes(silent.instanceId)) throw new Error("away");
		return { cpuMillis: 1, memoryBytes: MIB };
	});
	await sample();
	const pointsOf = async ({ instanceId }: { readonly instanceId: string }) =>
		await listSamples(world.db, instanceId, SINCE);
	expect(await pointsOf(stopped)).toEqual([]);
	expect(await pointsOf(foreign)).toEqual([]);
	expect(await pointsOf(starting)).toMatchObject([{ cpuMillis: 1, readyShare: 0 }]);
	expect(await pointsOf(silent)).toMatchObject([
		{ cpuMillis: undefined, memoryBytes: undefined, readyShare: 0 },
	]);
});

test("every node adds what it counted", async () => {
	const { instanceId } = await makeInstance(world.db);
	const gone = "00000000-0000-4000-8000-000000000000";
	const count = { instanceId, turns: 3, turnsFailed: 1, sessions: 2 };
	const nodes = [
		openSampler(async () => undefined, [count]),
		openSampler(async () => undefined, [count, { ...count, instanceId: gone }]),
	];
	for (const sample of nodes) await sample();
	const points = await listSamples(world.db, instanceId, SINCE);
	const sum = points.reduce(
		(total, { turns, turnsFailed }) => [(total[0] ?? 0) + turns, (total[1] ?? 0) + turnsFailed],
		[0, 0],
	);
	expect(sum).toEqual([6, 2]);
});

/** As if it had been looked at every 15 s for so long, until so many seconds ago. */
async function insertSeries(
	instanceId: string,
	seconds: number,
	memory: string,
	untilSeconds = 0,
): Promise<void> {
	await world.db.raw(
		`insert into instance_samples (instance_id, step_s, at, looks, ready_looks, cpu_millis, cpu_millis_max, memory_bytes,
			memory_bytes_max, turns, turns_failed, sessions)
		select ?::uuid, 15, at, 1, 1, 900, 900, ${memory}, ${memory}, 2, 1, 1
		from generate_series(date_bin('15 seconds', now(), 'epoch') - ? * interval '1 second',
			date_bin('15 seconds', now(), 'epoch') - ? * interval '1 second', interval '15 seconds') at`,
		[instanceId, seconds, untilSeconds],
	);
}

test("fine points become coarse ones once their time is over, and go when they are old", async () => {
	const { instanceId } = await makeInstance(world.db);
	await insertSeries(instanceId, 3 * 3_600, "1000");
	await gatherSamples(world.db);
	const five = await listSamples(world.db, instanceId, { ...SINCE, step: 300 });
	// All whose five minutes are over, and none twice.
	expect(five.length).toBeGreaterThanOrEqual(34);
	expect(five.length).toBeLessThanOrEqual(36);
	expect(five[1]).toMatchObject({
		cpuMillis: 900,
		memoryBytes: 1_000,
		readyShare: 1,
		turns: 40,
		turnsFailed: 20,
		sessions: 1,
	});
	expect((await listSamples(world.db, instanceId, { ...SINCE, step: 3_600 })).length).toBeGreaterThanOrEqual(
		2,
	);
	await gatherSamples(world.db);
	expect(await listSamples(world.db, instanceId, { ...SINCE, step: 300 })).toEqual(five);

	await world.db.raw("update instance_samples set at = at - interval '6 hours' where step_s = 15");
	expect(await gatherSamples(world.db)).toBeGreaterThan(700);
	expect(await listSamples(world.db, instanceId, SINCE)).toEqual([]);
	expect(await listSamples(world.db, instanceId, { ...SINCE, step: 300, limit: 3 })).toHaveLength(3);
});

test("figures are shares of what it may use", async () => {
	const { instanceId } = await makeInstance(world.db);
	await insertSeries(instanceId, 3 * 3_600, "(extract(epoch from at - now()) / 3600 * 100 + 1000) * 1048576");
	await gatherSamples(world.db);
	const [figures] = await listInstanceFigures(world.db);
	expect(figures).toMatchObject({ instanceId, cpuShare: 0.9, turns: expect.any(Number) });
	expect(figures?.memoryShare).toBeCloseTo(1_000 / 2_048, 2);
	expect(figures?.slope?.sharePerHour).toBeCloseTo(100 / 2_048, 3);
	expect(figures?.slope?.fit).toBeCloseTo(1, 2);
	expect((figures?.turnsFailed ?? 0) / (figures?.turns ?? 1)).toBe(0.5);
});

test("of a few looks nothing is said", async () => {
	const { instanceId } = await makeInstance(world.db);
	await insertSeries(instanceId, 15, "1000");
	expect(await listInstanceFigures(world.db)).toMatchObject([
		{ instanceId, cpuShare: undefined, memoryShare: undefined, slope: undefined },
	]);
});
