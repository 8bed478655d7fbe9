import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createKeyGrants } from "../api-keys/key-grants.ts";
import { wishDeleted } from "../db/instance-wishes.ts";
import { createSecrets } from "../secrets/create-secrets.ts";
import { ensureKeyRing } from "../secrets/key-files.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { joinAs, makeSender, subscribe } from "../testing/people.ts";
import { createInstance } from "./create-instance.ts";
import type { InstanceSafe } from "./instance-secrets.ts";
import { createInstanceSafe } from "./instance-secrets.ts";

const HOUSE = {
	region: "here",
	host: "test",
	kind: "openclaw",
	release: "openclaw@2026.9.6",
	liveMax: 1_000,
};

let world: TestDb;
let directory: string;
beforeAll(async () => {
	world = await createTestDb({ poolMax: 4 });
	directory = await mkdtemp(join(tmpdir(), "rockpool-safe-"));
});
afterAll(async () => {
	await world.destroy();
	await rm(directory, { recursive: true, force: true });
});

/** Of a node of its own. */
function openSafe(): InstanceSafe {
	const readKeys = async () => await ensureKeyRing(join(directory, "keys"));
	const secrets = createSecrets({ db: world.db, readKeys, registerSecret: () => undefined });
	return createInstanceSafe({ db: world.db, secrets, networks: ["127.0.0.0/8"] });
}

async function openInstance(): Promise<{ readonly accountId: string; readonly instanceId: string }> {
	const accountId = await subscribe(world.db, await joinAs(world.db, makeSender()));
	const { instanceId } = await createInstance(world.db, HOUSE, { accountId });
	return { accountId, instanceId };
}

test("an instance has one key and one token, on every node and however many ask at once", async () => {
	const { accountId, instanceId } = await openInstance();
	const safes = [openSafe(), openSafe(), openSafe()];
	const all = await Promise.all([...safes, ...safes].map(async (safe) => await safe.open(instanceId)));
	expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
	const [{ modelKey, token } = { modelKey: "", token: "" }] = all;
	expect(token).toMatch(/^[\w-]{43}$/);
	const grant = await createKeyGrants(world.db).find(modelKey);
	expect(grant).toMatchObject({ accountId, instanceId, source: "instance", networks: ["127.0.0.0/8"] });
	const live = await world.db("api_keys").where({ instance_id: instanceId }).whereNull("revoked_at");
	expect(live).toHaveLength(1);
});

test("many that are made at once do not wait for each other for ever", async () => {
	const made = await Promise.all(Array.from({ length: 12 }, openInstance));
	const safe = openSafe();
	const keys = await Promise.all(made.map(async ({ instanceId }) => await safe.open(instanceId)));
	expect(new Set(keys.map(({ modelKey }) => modelKey)).size).toBe(12);
});

test("they are stored nowhere in the clear", async () => {
	const { instanceId } = await openInstance();
	const { modelKey, token } = await openSafe().open(instanceId);
	const rows = await Promise.all(
		["instances", "secrets", "api_keys", "instance_events"].map(async (table) => await world.db(table)),
	);
	expect(JSON.stringify(rows)).not.toContain(modelKey);
	expect(JSON.stringify(rows)).not.toContain(token);
});

test("what is dropped pays for nothing, and the next cell gets new ones", async () => {
	const { instanceId } = await openInstance();
	const safe = openSafe();
	const { modelKey } = await safe.open(instanceId);
	await safe.drop(instanceId);
	await safe.drop(instanceId);
	await expect(createKeyGrants(world.db).find(modelKey)).rejects.toMatchObject({
		code: "AUTH_INVALID_CREDENTIALS",
	});
	expect(await world.db("secrets").where({ tenant: `instance:${instanceId}` })).toEqual([]);
	expect((await safe.open(instanceId)).modelKey).not.toBe(modelKey);
});

test("what is not there, or is a banned account's, has none", async () => {
	const unknown = "00000000-0000-4000-8000-000000000000";
	await expect(openSafe().open(unknown)).rejects.toMatchObject({ code: "INSTANCE_NOT_FOUND" });
	const { accountId, instanceId } = await openInstance();
	await world.db("accounts").where({ id: accountId }).update({ status: "banned" });
	await expect(openSafe().open(instanceId)).rejects.toMatchObject({ code: "FORBIDDEN" });
});

test("one that is to be deleted gets no others, not even from a look that began before", async () => {
	const { instanceId } = await openInstance();
	const safe = openSafe();
	await safe.open(instanceId);
	await wishDeleted(world.db, { instanceId }, { keptMs: 1_000 });
	await safe.drop(instanceId);
	await expect(safe.open(instanceId)).rejects.toMatchObject({ code: "INSTANCE_NOT_FOUND" });
	const live = await world.db("api_keys").where({ instance_id: instanceId }).whereNull("revoked_at");
	expect(live).toEqual([]);
});
