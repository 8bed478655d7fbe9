import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Knex } from "knex";
import { issueKey } from "../../api-keys/issue-key.ts";
import { deleteOldRequests } from "../../db/gateway-requests.ts";
import type { TestDb } from "../../testing/create-test-db.ts";
import { createTestDb } from "../../testing/create-test-db.ts";
import { joinAs, makeSender } from "../../testing/people.ts";
import type { OpenRequest } from "./idempotency.ts";
import { abandonRequest, beginRequest, finishRequest } from "./idempotency.ts";

let testDb: TestDb;
let db: Knex;
let grant: { readonly keyId: string; readonly accountId: string };

beforeAll(async () => {
	testDb = await createTestDb();
	db = testDb.db;
	grant = await makeGrant();
});
afterAll(async () => await testDb.destroy());

async function makeGrant(): Promise<typeof grant> {
	const accountId = await joinAs(db, makeSender());
	return { accountId, keyId: (await issueKey(db, accountId)).id };
}

const toHash = (body: string) => createHash("sha256").update(body).digest();
const answer = { status: 200, contentType: "application/json", body: Buffer.from('{"a":"\0ü"}') };

async function begin(idempotencyKey: string, body = "body", by = grant) {
	return await beginRequest(db, by, { idempotencyKey, bodyHash: toHash(body) });
}

async function open(idempotencyKey: string): Promise<OpenRequest> {
	const begun = await begin(idempotencyKey);
	if (begun.kind !== "new") throw new Error(`not new: ${begun.kind}`);
	return begun.request;
}

async function age(interval: string): Promise<void> {
	await db.raw(`update gateway_requests set expires_at = expires_at - interval '${interval}'`);
}

test("of 20 equal requests at once one is executed, and the others hear that it is running", async () => {
	const begun = await Promise.all(Array.from({ length: 20 }, async () => await begin("race")));
	expect(begun.map(({ kind }) => kind).toSorted()).toEqual(["new", ...Array(19).fill("running")].toSorted());
});

test("a call that may take an hour is running for an hour", async () => {
	const asked = { idempotencyKey: "slow", bodyHash: toHash("body") };
	await beginRequest(db, grant, asked, 3_600_000);
	await age("60 minutes");
	expect(await beginRequest(db, grant, asked, 3_600_000)).toEqual({ kind: "running" });
});

test("who asks again gets the very answer", async () => {
	await finishRequest(db, await open("again"), answer);
	expect(await begin("again")).toEqual({ kind: "done", answer });
});

test("another body under a used key is a conflict, while it runs and afterwards", async () => {
	const request = await open("reused");
	expect(await begin("reused", "other")).toEqual({ kind: "conflict" });
	await finishRequest(db, request, answer);
	expect(await begin("reused", "other")).toEqual({ kind: "conflict" });
});

test("keys of programs do not meet: each API key has its own", async () => {
	await open("shared");
	expect(await begin("shared", "other", await makeGrant())).toMatchObject({ kind: "new" });
});

test("an abandoned request may be made again at once, an answered one is not abandoned", async () => {
	await abandonRequest(db, await open("left"));
	const request = await open("left");
	await finishRequest(db, request, answer);
	await abandonRequest(db, request);
	expect(await begin("left")).toMatchObject({ kind: "done" });
});

test("a request of a dead node is taken over after 11 minutes by one, and the dead one changes nothing", async () => {
	const dead = await open("dead");
	await age("659 seconds");
	expect(await begin("dead")).toEqual({ kind: "running" });
	await age("2 seconds");
	const begun = await Promise.all([1, 2, 3].map(async () => await begin("dead")));
	expect(begun.map(({ kind }) => kind).toSorted()).toEqual(["new", "running", "running"]);
	expect(await finishRequest(db, dead, answer)).toBe(false);
	await abandonRequest(db, dead);
	expect(await begin("dead")).toEqual({ kind: "running" });
});

test("an answer is kept for 24 hours, then its key is free for anything", async () => {
	await finishRequest(db, await open("day"), answer);
	await age("86390 seconds");
	expect(await begin("day")).toMatchObject({ kind: "done" });
	await age("11 seconds");
	expect(await begin("day", "other")).toMatchObject({ kind: "new" });
});

test("of an answer above 1 MiB it is known that there was one", async () => {
	const body = Buffer.alloc(1_048_577, "x");
	await finishRequest(db, await open("large"), { ...answer, body });
	expect(await begin("large")).toEqual({ kind: "done", answer: { ...answer, body: undefined } });
	await finishRequest(db, await open("full"), { ...answer, body: body.subarray(1) });
	expect(await begin("full")).toEqual({ kind: "done", answer: { ...answer, body: body.subarray(1) } });
});

test("what is finished in a transaction that fails is still running", async () => {
	const request = await open("rolled back");
	const failed = db.transaction(async (trx) => {
		await finishRequest(trx, request, answer);
		throw new Error("not charged");
	});
	await expect(failed).rejects.toThrow("not charged");
	expect(await begin("rolled back")).toEqual({ kind: "running" });
});

test("what is over is swept, what is not stays", async () => {
	await deleteOldRequests(db, 1_000);
	const key = randomUUID();
	await finishRequest(db, await open(key), answer);
	await age("86401 seconds");
	await open("still running");
	expect(await deleteOldRequests(db, 1_000)).toBeGreaterThan(0);
	expect(await deleteOldRequests(db, 1_000)).toBe(0);
	expect(await db("gateway_requests").pluck("state")).toEqual(["running"]);
});

test("goes with its key", async () => {
	const gone = await makeGrant();
	await begin("gone", "body", gone);
	await db("api_keys").where({ id: gone.keyId }).delete();
	expect(await db("gateway_requests").where({ account_id: gone.accountId })).toEqual([]);
});
