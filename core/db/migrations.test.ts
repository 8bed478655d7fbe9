import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Knex } from "knex";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { createDb } from "./connect.ts";
import { findPendingMigrations, migrate, migrationSource, rollback } from "./migrations.ts";

let testDb: TestDb;
let names: readonly string[];
beforeAll(async () => {
	testDb = await createTestDb();
	names = await migrationSource.getMigrations([]);
});
afterAll(async () => {
	await testDb.destroy();
});
beforeEach(async () => {
	await testDb.db.raw("drop schema public cascade; create schema public");
});

async function withNodes<Result>(
	count: number,
	work: (nodes: readonly Knex[]) => Promise<Result>,
): Promise<Result> {
	const nodes = Array.from({ length: count }, () => createDb(testDb.url, { poolMax: 2 }));
	try {
		return await work(nodes);
	} finally {
		await Promise.all(nodes.map((node) => node.destroy()));
	}
}

test("names carry no extension", () => {
	expect(names.length).toBeGreaterThan(5);
	expect(names.filter((name) => name.includes("."))).toEqual([]);
});

test("an empty database has every migration pending, a migrated one none", async () => {
	expect(await findPendingMigrations(testDb.db)).toEqual(names);
	await migrate(testDb.db);
	expect(await findPendingMigrations(testDb.db)).toEqual([]);
});

test("of many nodes that boot at once one migrates and none fails", async () => {
	const ran = await withNodes(6, async (nodes) => await Promise.all(nodes.map((node) => migrate(node))));
	expect(ran.filter((list) => list.length > 0)).toEqual([names]);
});

test("every migration can be taken back and applied again", async () => {
	await migrate(testDb.db);
	expect((await rollback(testDb.db, { all: true })).length).toBe(names.length);
	const left = await testDb.db("pg_tables").where({ schemaname: "public" }).pluck("tablename");
	expect(left.sort()).toEqual(["knex_migrations", "knex_migrations_lock"]);
	expect(await migrate(testDb.db)).toEqual(names);
});

test("the lock row of a node that crashed does not stop the next one", async () => {
	await migrate(testDb.db);
	await testDb.db("knex_migrations_lock").update({ is_locked: 1 });
	await testDb
		.db("knex_migrations")
		.where({ name: names.at(-1) })
		.delete();
	await testDb.db.raw("drop schema public cascade; create schema public");
	await migrate(testDb.db);
	await testDb.db("knex_migrations_lock").update({ is_locked: 1 });
	expect(await migrate(testDb.db)).toEqual([]);
});

test("a node waits for another only so long, and says for what", async () => {
	await withNodes(1, async ([holder]) => {
		await holder?.transaction(async (trx) => {
			await trx.raw("select pg_advisory_xact_lock(7462301155)");
			await expect(migrate(testDb.db, { waitMaxMs: 50 })).rejects.toThrow("holds the migration lock");
		});
	});
	await migrate(testDb.db);
});
