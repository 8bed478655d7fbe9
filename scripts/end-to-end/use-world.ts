import { afterAll, beforeAll, expect } from "@jest/globals";
import type { World, WorldOptions } from "./start-world.ts";
import { startWorld } from "./start-world.ts";

const START_TIMEOUT_MS = 30_000;

/**
 * The world of a describe block, started before its tests and stopped after them. Whatever they did, the ledger must agree with
 * itself afterwards.
 */
export function useWorld(options: WorldOptions = {}): () => World {
	let world: World | undefined;
	const required = (): World => {
		if (world === undefined) throw new Error("the world exists only while tests run");
		return world;
	};
	beforeAll(async () => {
		world = await startWorld(options);
	}, START_TIMEOUT_MS);
	afterAll(async () => {
		try {
			const { rows } = await required().db.raw<{ rows: unknown[] }>("select * from violations");
			expect(rows).toEqual([]);
		} finally {
			await world?.stop();
		}
	}, START_TIMEOUT_MS);
	return required;
}
