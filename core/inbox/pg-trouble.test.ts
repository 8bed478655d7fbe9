import { expect, test } from "@jest/globals";
import { isDatabaseTrouble } from "./pg-trouble.ts";

test.each([
	"Connection terminated unexpectedly",
	"COMMIT; - Client has encountered a connection error and is not queryable",
	"Client was closed and is not queryable",
	"Knex: Timeout acquiring a connection. The pool is probably full.",
	"operation timed out for an unknown reason",
	"no answer from PostgreSQL for 35000 ms",
])("a driver that says %j has lost the database, whatever it was asked", (message) => {
	expect(isDatabaseTrouble(new Error(message))).toBe(true);
	expect(isDatabaseTrouble(new Error("the turn failed", { cause: new Error(message) }))).toBe(true);
});

test("what a statement itself did wrong is no trouble of the database", () => {
	const refused = Object.assign(new Error("null value in column"), { code: "23502" });
	expect(isDatabaseTrouble(refused)).toBe(false);
	expect(isDatabaseTrouble(new Error("the operation timed out at the vendor"))).toBe(false);
});
