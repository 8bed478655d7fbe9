import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Knex } from "knex";
import type { CodeDesk } from "../testing/code-desk.ts";
import { createCodeDesk, makeWrongCode } from "../testing/code-desk.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { mutateSql } from "../testing/mutate-sql.ts";
import { makeSender, PEPPER, privateChat } from "../testing/people.ts";
import { revokeExposedCode } from "./redeem-code.ts";

let testDb: TestDb;
let db: Knex;
let desk: CodeDesk;

beforeAll(async () => {
	testDb = await createTestDb({ poolMax: 20 });
	db = testDb.db;
	desk = await createCodeDesk(db);
});
afterAll(async () => await testDb.destroy());
// Wrong codes of one test must not pause binding for the others.
beforeEach(async () => await db.raw("truncate bind_attempts"));

describe("in a group a code", () => {
	test("is refused and worthless from then on", async () => {
		const ann = makeSender();
		const { code } = await desk.issuePlan();
		const chat = { ...privateChat(ann), id: "-100", kind: "group" } as const;
		await expect(desk.redeem(ann, code, { chat })).rejects.toMatchObject({
			code: "FORBIDDEN",
			details: { reason: "code-in-group" },
		});
		await expect(desk.redeem(ann, code)).rejects.toMatchObject({ code: "BIND_CODE_INVALID" });
	});

	test("that is none does no harm", async () => {
		await revokeExposedCode(db, PEPPER, "hello everybody");
		await revokeExposedCode(db, PEPPER, makeWrongCode());
	});
});

describe("guessing", () => {
	test("five wrong codes within 10 minutes shut the chat out for an hour, right codes too", async () => {
		const ann = makeSender();
		const { code } = await desk.issuePlan();
		for (let round = 0; round < 5; round++) {
			await expect(desk.redeem(ann, makeWrongCode())).rejects.toMatchObject({ code: "BIND_CODE_INVALID" });
		}
		const refused = desk.redeem(ann, code);
		await expect(refused).rejects.toMatchObject({ code: "RATE_LIMITED" });
		const waitMs = await refused.catch((error) => error.details.retryAfterMs);
		expect(waitMs).toBeGreaterThan(3_590_000);
		expect(waitMs).toBeLessThanOrEqual(3_600_000);
		expect(await desk.redeem(makeSender(), (await desk.issuePlan()).code)).toMatchObject({ kind: "plan" });

		await db.raw("update bind_attempts set at = at - interval '61 minutes'");
		expect(await desk.redeem(ann, code)).toMatchObject({ kind: "plan" });
	});

	test("five wrong codes over more than 10 minutes do not", async () => {
		const ann = makeSender();
		for (let round = 0; round < 6; round++) {
			await expect(desk.redeem(ann, makeWrongCode())).rejects.toMatchObject({ code: "BIND_CODE_INVALID" });
			await db.raw("update bind_attempts set at = at - interval '3 minutes'");
		}
	});

	/** @returns how many of 30 parallel guesses were tried */
	async function guess(victim: Knex): Promise<number> {
		const ann = makeSender();
		const mutated = await createCodeDesk(victim);
		const outcomes = await Promise.allSettled(
			Array.from({ length: 30 }, async () => await mutated.redeem(ann, makeWrongCode())),
		);
		const codes = outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason.code : "?"));
		expect(codes.every((code) => code === "BIND_CODE_INVALID" || code === "RATE_LIMITED")).toBe(true);
		return codes.filter((code) => code === "BIND_CODE_INVALID").length;
	}

	test("in parallel gets no more than five tries", async () => {
		expect(await guess(db)).toBe(5);
	});

	test("in parallel without the chat's lock would get more: the test above sees it", async () => {
		const lock = "pg_advisory_xact_lock(hashtextextended(?, 2))";
		expect(await guess(mutateSql(db, lock, "hashtextextended(?, 2)"))).toBeGreaterThan(5);
	});

	test("a hundred times a minute pauses binding for everybody", async () => {
		await db.raw("insert into bind_attempts (scope) select '*' from generate_series(1, 99)");
		await expect(desk.redeem(makeSender(), makeWrongCode())).rejects.toMatchObject({
			code: "BIND_CODE_INVALID",
		});
		const { code } = await desk.issuePlan();
		const refused = desk.redeem(makeSender(), code);
		await expect(refused).rejects.toMatchObject({ code: "RATE_LIMITED" });
		expect(await refused.catch((error) => error.details.retryAfterMs)).toBeLessThanOrEqual(61_000);
		await db.raw("update bind_attempts set at = at - interval '61 seconds'");
		expect(await desk.redeem(makeSender(), code)).toMatchObject({ kind: "plan" });
	});

	test("with what cannot be a code is refused without being counted", async () => {
		const ann = makeSender();
		for (const input of ["", "x".repeat(65), "%00", "a\0b", "'; drop table bind_codes; --"]) {
			await expect(desk.redeem(ann, input)).rejects.toMatchObject({ code: "BIND_CODE_INVALID" });
		}
		const { rows } = await db.raw("select 1 from bind_attempts");
		expect(rows).toEqual([]);
	});

	test("nothing stored gives a code away", async () => {
		const { code, deepLinkCode } = await desk.issuePlan();
		const { rows } = await db.raw<{ rows: { row: string }[] }>(
			"select to_jsonb(c)::text as row from bind_codes c",
		);
		const stored = rows.map(({ row }) => row).join();
		expect(stored).not.toContain(deepLinkCode);
		expect(stored).not.toContain(code.replaceAll("-", ""));
	});
});
