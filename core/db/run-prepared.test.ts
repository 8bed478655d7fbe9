import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { runPrepared } from "./run-prepared.ts";

let testDb: TestDb;

beforeAll(async () => {
	testDb = await createTestDb({ poolMax: 2 });
});

afterAll(async () => await testDb.destroy());

async function prepared(name: string): Promise<number> {
	const { rows } = await testDb.db.raw<{ rows: unknown[] }>(
		"select 1 from pg_prepared_statements where name = ?",
		[name],
	);
	return rows.length;
}

test("the connection keeps the statement, and it answers as often as it is asked", async () => {
	const sum = { name: "sum", sql: "select ?::integer + ?::integer as sum" };

	for (let time = 0; time < 7; time += 1) {
		expect(await runPrepared(testDb.db, sum, [time, 1])).toEqual([{ sum: time + 1 }]);
	}
	expect(await prepared("sum")).toBe(1);
});

test("a function that answers more than before goes on answering", async () => {
	const { db } = testDb;
	const ask = { name: "ask", sql: "select * from grows(?)" };
	await db.raw("create function grows(n integer, out a integer) language sql as 'select n'");
	expect(await runPrepared(db, ask, [1])).toEqual([{ a: 1 }]);

	await db.raw("drop function grows(integer)");
	await db.raw(
		"create function grows(n integer, out a integer, out b integer) language sql as 'select n, n + 1'",
	);

	expect(await runPrepared(db, ask, [1])).toEqual([{ a: 1, b: 2 }]);
});

test("an error of the statement is passed on", async () => {
	const divide = { name: "divide", sql: "select 1 / ?::integer as n" };

	await expect(runPrepared(testDb.db, divide, [0])).rejects.toMatchObject({ code: "22012" });
});

test("inside a transaction nothing is prepared", async () => {
	await testDb.db.transaction(async (trx) => {
		expect(await runPrepared(trx, { name: "inside", sql: "select ?::integer as n" }, [1])).toEqual([
			{ n: 1 },
		]);
	});

	expect(await prepared("inside")).toBe(0);
});
