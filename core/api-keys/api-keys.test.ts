import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Knex } from "knex";
import { createTurnContexts } from "../accounts/turn-contexts.ts";
import { setBanned } from "../db/accounts.ts";
import { listKeys, revokeKey } from "../db/api-keys.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { joinAs, makeSender } from "../testing/people.ts";
import { issueKey } from "./issue-key.ts";
import { createKeyGrants } from "./key-grants.ts";

let testDb: TestDb;
let db: Knex;

beforeAll(async () => {
	testDb = await createTestDb();
	db = testDb.db;
});
afterAll(async () => await testDb.destroy());

const invalid = { code: "AUTH_INVALID_CREDENTIALS", status: 401 };

describe("an API key", () => {
	test("opens its account, whose program is a sender of its own", async () => {
		const accountId = await joinAs(db, makeSender());
		const { id, key } = await issueKey(db, accountId);
		expect(key).toMatch(/^rp_[a-z0-9]{8}_[A-Za-z0-9_-]{43}$/);
		expect(key).toContain(`_${id}_`);
		expect(await createKeyGrants(db).find(key)).toMatchObject({ accountId, keyId: id });
		const lane = `http:http:${accountId}:default`;
		const context = await createTurnContexts(db)({
			platform: "http",
			botId: "http",
			userId: accountId,
			lane,
		});
		expect(context?.account?.accountId).toBe(accountId);
	});

	test("is stored as a hash only", async () => {
		const { key } = await issueKey(db, await joinAs(db, makeSender()));
		const { rows } = await db.raw<{ rows: { row: string }[] }>(
			"select to_jsonb(k)::text as row from api_keys k",
		);
		expect(rows.map(({ row }) => row).join()).not.toContain(key.slice(12));
	});

	test.each([
		["nothing", () => ""],
		["its prefix alone", (key: string) => key.slice(0, 11)],
		["one character less", (key: string) => key.slice(0, -1)],
		["one character more", (key: string) => `${key}x`],
		["another case", (key: string) => key.toUpperCase()],
		["quotes and comments", (key: string) => `${key}'--`],
		["a NUL", (key: string) => `${key}\0`],
		["10 KB", (key: string) => key.repeat(180)],
	])("does not open for %s", async (_, change) => {
		const { key } = await issueKey(db, await joinAs(db, makeSender()));
		await expect(createKeyGrants(db).find(change(key))).rejects.toMatchObject(invalid);
	});

	test("is remembered for 5 s and no longer", async () => {
		const accountId = await joinAs(db, makeSender());
		const { id, key } = await issueKey(db, accountId);
		let nowMs = 0;
		const grants = createKeyGrants(db, () => nowMs);
		await grants.find(key);
		expect(await revokeKey(db, accountId, id)).toBe(true);
		nowMs = 4_999;
		expect(await grants.find(key)).toMatchObject({ keyId: id });
		nowMs = 5_000;
		await expect(grants.find(key)).rejects.toMatchObject(invalid);
	});

	test("is forgotten at once where it was revoked", async () => {
		const accountId = await joinAs(db, makeSender());
		const { id, key } = await issueKey(db, accountId);
		const grants = createKeyGrants(db);
		await grants.find(key);
		await revokeKey(db, accountId, id);
		grants.forget(accountId);
		await expect(grants.find(key)).rejects.toMatchObject(invalid);
	});

	test("of a banned account does not open", async () => {
		const accountId = await joinAs(db, makeSender());
		const { key } = await issueKey(db, accountId);
		await setBanned(db, accountId, true);
		await expect(createKeyGrants(db).find(key)).rejects.toMatchObject(invalid);
		await expect(issueKey(db, accountId)).rejects.toMatchObject({ code: "FORBIDDEN" });
	});

	test("is revoked by its own account alone, once", async () => {
		const [own, foreign] = [await joinAs(db, makeSender()), await joinAs(db, makeSender())];
		const { id } = await issueKey(db, own);
		expect(await revokeKey(db, foreign, id)).toBe(false);
		expect(await revokeKey(db, own, id)).toBe(true);
		expect(await revokeKey(db, own, id)).toBe(false);
	});

	test("is one of at most five, also when ten are asked for at once", async () => {
		const accountId = await joinAs(db, makeSender());
		const outcomes = await Promise.allSettled(
			Array.from({ length: 10 }, async () => await issueKey(db, accountId)),
		);
		expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
		expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({
			reason: { code: "RATE_LIMITED", details: { reason: "keys-max" } },
		});
		const [first] = await listKeys(db, accountId);
		await revokeKey(db, accountId, first?.id ?? "");
		await issueKey(db, accountId);
		expect(await listKeys(db, accountId)).toHaveLength(5);
	});

	test("issued again by the same turn, as after a crash, replaces the one nobody saw", async () => {
		const accountId = await joinAs(db, makeSender());
		const lost = await issueKey(db, accountId, { issuedIn: "turn-1" });
		const shown = await issueKey(db, accountId, { issuedIn: "turn-1" });
		expect(await listKeys(db, accountId)).toMatchObject([{ id: shown.id }]);
		await expect(createKeyGrants(db).find(lost.key)).rejects.toMatchObject(invalid);
	});

	test("and many others are looked up together, each with its own answer", async () => {
		const accountId = await joinAs(db, makeSender());
		const { key } = await issueKey(db, accountId);
		const grants = createKeyGrants(db);
		const outcomes = await Promise.allSettled(
			Array.from({ length: 300 }, async (_, place) => await grants.find(place % 3 === 0 ? key : `${place}`)),
		);
		expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(100);
	});
});
