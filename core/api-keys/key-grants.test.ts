import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Knex } from "knex";
import { setBanned } from "../db/accounts.ts";
import { listKeys, revokeKey } from "../db/api-keys.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { eventually } from "../testing/eventually.ts";
import { joinAs, makeSender } from "../testing/people.ts";
import { createChatKeys } from "./chat-keys.ts";
import type { IssueKeyOptions } from "./issue-key.ts";
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

async function makeKey(options: IssueKeyOptions = {}) {
	const accountId = await joinAs(db, makeSender());
	return { accountId, ...(await issueKey(db, accountId, options)) };
}

async function findWith(options: IssueKeyOptions) {
	return await createKeyGrants(db).find((await makeKey(options)).key);
}

/** Counts statements that look keys up. */
function countLookUps(): { readonly db: Knex; readonly lookUps: () => number } {
	let count = 0;
	const counting = new Proxy(db, {
		get(target, name) {
			if (name !== "raw") return Reflect.get(target, name);
			return (sql: string, ...rest: [Knex.RawBinding[]]) => {
				if (sql.includes("key_grants(")) count += 1;
				return target.raw(sql, ...rest);
			};
		},
	});
	return { db: counting, lookUps: () => count };
}

describe("a grant", () => {
	test("of a plain key is what the account's plan allows", async () => {
		const { accountId, id, key } = await makeKey();
		expect(await createKeyGrants(db).find(key)).toEqual({
			keyId: id,
			accountId,
			instanceId: undefined,
			source: "api",
			mayNameSource: false,
			tiers: undefined,
			networks: undefined,
			dailyCapMicro: undefined,
			idleCapMicro: undefined,
			expiresAt: undefined,
			plan: { planId: "free", priority: 9, concurrency: 1, busyStrategy: "lowest_priority" },
			mayNameModel: false,
			policy: "BEST",
			routeOrder: [],
			preset: undefined,
		});
	});

	test("carries everything the key was made with", async () => {
		const options = {
			instanceId: "c0ffee",
			source: "heartbeat",
			mayNameSource: true,
			tiers: ["economy", "haiku"],
			dailyCapMicro: 5_000_000,
			idleCapMicro: 0,
			expiresAt: new Date(Date.now() + 3_600_000),
		} as const;
		const networks = ["10.1.2.3/8", "2001:db8::1"];
		const grant = await findWith({ ...options, networks });
		expect(grant).toMatchObject({ ...options, networks: ["10.0.0.0/8", "2001:db8::1/128"] });
	});

	test("follows the account: its policy, its own order, its preset, its plan and the plan's end", async () => {
		const { accountId, key } = await makeKey();
		await db.raw(
			"update accounts set policy = 'CN_OK', route_order = '{kimi,glm}', model_preset = 'qwen' where id = ?",
			[accountId],
		);
		await db.raw("update subscriptions set plan_id = 'max_200' where account_id = ?", [accountId]);
		expect(await createKeyGrants(db).find(key)).toMatchObject({
			policy: "CN_OK",
			routeOrder: ["kimi", "glm"],
			preset: "qwen",
			mayNameModel: true,
			plan: { planId: "max_200", concurrency: 8 },
		});
		await db.raw("update subscriptions set ends_at = now() where account_id = ?", [accountId]);
		expect(await createKeyGrants(db).find(key)).toMatchObject({ plan: undefined, mayNameModel: false });
	});

	test("is one object while it is remembered, and one look-up however many ask at a time", async () => {
		const { key } = await makeKey();
		const counted = countLookUps();
		const grants = createKeyGrants(counted.db);
		const found = await Promise.all(Array.from({ length: 500 }, async () => await grants.find(key)));
		expect(new Set(found).size).toBe(1);
		expect(await grants.find(key)).toBe(found[0]);
		expect(counted.lookUps()).toBe(1);
	});
});

describe("an expired key", () => {
	test("does not open", async () => {
		const { key } = await makeKey({ expiresAt: new Date(Date.now() - 1) });
		await expect(createKeyGrants(db).find(key)).rejects.toMatchObject(invalid);
	});

	test("is not remembered beyond its end", async () => {
		const { accountId, id, key } = await makeKey({ expiresAt: new Date(Date.now() + 3_000) });
		let nowMs = 0;
		const grants = createKeyGrants(db, () => nowMs);
		await grants.find(key);
		// As if the clock of the database had gone on as far as ours.
		await db.raw("update api_keys set expires_at = now() where id = ?", [id]);
		nowMs = 3_001;
		await expect(grants.find(key)).rejects.toMatchObject(invalid);
		expect(await listKeys(db, accountId)).toEqual([]);
	});
});

describe("a key is live", () => {
	test("until it is revoked, expires or its account is banned", async () => {
		const grants = createKeyGrants(db);
		const [good, revoked, expired, banned] = [
			await makeKey(),
			await makeKey(),
			await makeKey(),
			await makeKey(),
		];
		const all = [good, revoked, expired, banned].map(({ id }) => ({ keyId: id }));
		const areLive = async () => await Promise.all(all.map(async (grant) => await grants.isLive(grant)));
		expect(await areLive()).toEqual([true, true, true, true]);
		await revokeKey(db, revoked.accountId, revoked.id);
		await db.raw("update api_keys set expires_at = now() where id = ?", [expired.id]);
		await setBanned(db, banned.accountId, true);
		expect(await areLive()).toEqual([true, false, false, false]);
	});

	test("is not said when nobody can be asked", async () => {
		const away = { raw: async () => await Promise.reject(new Error("away")) } as unknown as Knex;
		await expect(createKeyGrants(away).isLive({ keyId: "x" })).rejects.toThrow("away");
	});
});

test("what was looked up before a revocation is not remembered after it", async () => {
	const { accountId, id, key } = await makeKey();
	const grants = createKeyGrants(db);
	const early = grants.find(key);
	await revokeKey(db, accountId, id);
	grants.forget(accountId);
	await early.catch(() => undefined);
	await expect(grants.find(key)).rejects.toMatchObject(invalid);
});

test("its owner sees the limits of a key", async () => {
	const limits = {
		tiers: ["economy"],
		dailyCapMicro: 5_000_000,
		idleCapMicro: 0,
		mayNameSource: true,
	} as const;
	const { accountId } = await makeKey({ ...limits, networks: ["10.1.2.3/8"] });
	expect(await listKeys(db, accountId)).toMatchObject([{ ...limits, networks: ["10.0.0.0/8"] }]);
});

test("the last use of a key is noted, not more than once an hour", async () => {
	const { accountId, key } = await makeKey();
	const lastUse = async () => (await listKeys(db, accountId))[0]?.lastUsedAt;
	expect(await lastUse()).toBeUndefined();
	await createKeyGrants(db).find(key);
	await eventually(async () => (await lastUse()) !== undefined);
	const first = await lastUse();
	await createKeyGrants(db).find(key);
	expect(await lastUse()).toEqual(first);
});

describe("a key is refused", () => {
	test.each([
		["label", { label: "" }],
		["label", { label: "x".repeat(61) }],
		["tiers", { tiers: [] }],
		["networks", { networks: [] }],
		["networks.1", { networks: ["10.0.0.0/8", "localhost"] }],
		["networks", { instanceId: "i" }],
		["dailyCapMicro", { dailyCapMicro: -1 }],
		["dailyCapMicro", { dailyCapMicro: 0.5 }],
		["idleCapMicro", { idleCapMicro: Number.NaN }],
		["expiresAt", { expiresAt: new Date("never") }],
	])("for %s in %j", async (field, options) => {
		const accountId = await joinAs(db, makeSender());
		await expect(issueKey(db, accountId, options)).rejects.toMatchObject({
			code: "REQUEST_INVALID",
			details: { field },
		});
	});
});

test("keys of instances are not among the five of a person", async () => {
	const accountId = await joinAs(db, makeSender());
	for (let n = 0; n < 6; n += 1)
		await issueKey(db, accountId, { instanceId: `i${n}`, networks: ["10.0.0.0/8"] });
	for (let n = 0; n < 5; n += 1) await issueKey(db, accountId);
	await expect(issueKey(db, accountId)).rejects.toMatchObject({ code: "RATE_LIMITED" });
});

describe("the chat", () => {
	test("is open to keys without limits of their own", async () => {
		const { accountId, id, key } = await makeKey({ label: "mine" });
		expect(await createChatKeys(createKeyGrants(db))(key)).toEqual({ accountId, keyId: id });
	});

	test.each([
		{ networks: ["10.0.0.0/8"] },
		{ dailyCapMicro: 1 },
		{ idleCapMicro: 0 },
		{ tiers: ["economy"] },
		{ instanceId: "i", networks: ["0.0.0.0/0", "::/0"] },
	] as const)("is closed to a key with %j, whose limits it could not keep", async (options) => {
		const { key } = await makeKey(options);
		await expect(createChatKeys(createKeyGrants(db))(key)).rejects.toMatchObject({
			code: "FORBIDDEN",
			details: { reason: "key-gateway-only" },
		});
	});
});
