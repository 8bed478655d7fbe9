import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { findPendingMigrations } from "../db/migrations.ts";
import type { TestDb } from "./create-test-db.ts";
import { createTestDb } from "./create-test-db.ts";

let first: TestDb;
let second: TestDb;
beforeAll(async () => {
	[first, second] = await Promise.all([createTestDb(), createTestDb()]);
});
afterAll(async () => {
	await Promise.all([first.destroy(), second.destroy()]);
});

test("a test database has every migration", async () => {
	expect(await findPendingMigrations(first.db)).toEqual([]);
});

test("what one test writes another does not see", async () => {
	await first.db("plans").where({ id: "free" }).update({ name: "changed" });
	expect(await second.db("plans").where({ id: "free" }).first("name")).toEqual({ name: "Free" });
});

test("int8 comes back as a string", async () => {
	expect(await first.db("plans").where({ id: "free" }).first("daily_tokens")).toEqual({
		daily_tokens: "5000",
	});
});

test("destroy drops the database also under open connections", async () => {
	const third = await createTestDb();
	await third.db.raw("select 1");
	await third.destroy();
	const left = await first.db("pg_database").where({ datname: new URL(third.url).pathname.slice(1) });
	expect(left).toEqual([]);
});
