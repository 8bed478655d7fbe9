import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import type { Cell } from "./cell.ts";
import { toCellName } from "./cell.ts";
import { createCollector, STRAY_MS } from "./collector.ts";
import { makeInstance, TEST_HOUSE } from "./testing/make-instance.ts";

const NOBODYS = "00000000-0000-4000-8000-000000000001";

let world: TestDb;
beforeAll(async () => {
	world = await createTestDb();
});
afterAll(async () => await world.destroy());

type Bench = {
	readonly cells: Cell[];
	readonly done: string[];
	readonly warned: string[];
	at(ms: number): Promise<void>;
};

function openBench(...cells: Cell[]): Bench {
	const done: string[] = [];
	const warned: string[] = [];
	let nowMs = 0;
	const runtime = {
		list: async () => cells,
		async kill(name: string) {
			done.push(`kill ${name}`);
			const place = cells.findIndex((cell) => cell.name === name);
			const [cell] = cells.splice(place, 1);
			if (cell !== undefined) cells.push({ ...cell, state: "exited" });
		},
		async remove(name: string) {
			done.push(`remove ${name}`);
			cells.splice(
				cells.findIndex((cell) => cell.name === name),
				1,
			);
		},
	};
	const log = { warn: (_: object, message: string) => void warned.push(message) };
	const runtimes = new Map([[TEST_HOUSE.host, runtime]]);
	const collect = createCollector({ db: world.db, runtimes, log, nowMs: () => nowMs });
	return {
		...{ cells, done, warned },
		async at(ms) {
			nowMs = ms;
			await collect();
		},
	};
}

function toCell(instanceId: string | undefined, state: Cell["state"] = "running"): Cell {
	return {
		name: toCellName(instanceId ?? NOBODYS, 1),
		instanceId,
		generation: instanceId && 1,
		state,
	} as Cell;
}

test("a cell of no instance is ended and taken away once it was seen for five minutes", async () => {
	const bench = openBench(toCell(NOBODYS));
	await bench.at(0);
	await bench.at(STRAY_MS - 1);
	expect(bench.done).toEqual([]);
	await bench.at(STRAY_MS);
	await bench.at(STRAY_MS + 60_000);
	const name = toCellName(NOBODYS, 1);
	expect(bench.done).toEqual([`kill ${name}`, `remove ${name}`]);
	await bench.at(STRAY_MS + 120_000);
	expect(bench.warned).toHaveLength(2);
});

test("what is an instance's, or is not ours, stays", async () => {
	const { instanceId } = await makeInstance(world.db);
	const bench = openBench(toCell(instanceId), toCell(undefined, "exited"));
	await bench.at(0);
	await bench.at(10 * STRAY_MS);
	expect(bench.done).toEqual([]);
});

test("one that came back is counted anew; of a purged instance it is nobody's", async () => {
	const { instanceId } = await makeInstance(world.db);
	await world
		.db("instances")
		.where({ id: instanceId })
		.update({ desired: "deleted", purge_at: new Date(), phase: "purged" });
	const cell = toCell(instanceId, "exited");
	const bench = openBench(cell);
	await bench.at(0);
	bench.cells.pop();
	await bench.at(STRAY_MS / 2);
	bench.cells.push(cell);
	await bench.at(STRAY_MS);
	expect(bench.done).toEqual([]);
	await bench.at(2 * STRAY_MS);
	expect(bench.done).toEqual([`remove ${cell.name}`]);
});
