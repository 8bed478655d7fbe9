import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { createKeyGrants } from "../api-keys/key-grants.ts";
import { findInstance } from "../db/instance-views.ts";
import { createSecrets } from "../secrets/create-secrets.ts";
import { ensureKeyRing } from "../secrets/key-files.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { joinAs, makeSender, subscribe } from "../testing/people.ts";
import type { InstanceHouse } from "./create-instance.ts";
import { createInstance } from "./create-instance.ts";
import type { InstanceSafe } from "./instance-secrets.ts";
import { createInstanceSafe } from "./instance-secrets.ts";
import { findTerms } from "./terms.ts";
import { TEST_HOUSE } from "./testing/make-instance.ts";
import { createWarmPool } from "./warm-pool.ts";

let world: TestDb;
let directory: string;
let safe: InstanceSafe;
beforeAll(async () => {
	world = await createTestDb({ poolMax: 16 });
	directory = await mkdtemp(join(tmpdir(), "rockpool-warm-"));
	const readKeys = async () => await ensureKeyRing(join(directory, "keys"));
	const secrets = createSecrets({ db: world.db, readKeys, registerSecret: () => undefined });
	safe = createInstanceSafe({ db: world.db, secrets, networks: ["127.0.0.0/8"] });
});
beforeEach(async () => {
	await world.db.raw("truncate instances, api_keys cascade");
});
afterAll(async () => {
	await world.destroy();
	await rm(directory, { recursive: true, force: true });
});

async function keep(size: number, house: InstanceHouse = TEST_HOUSE): Promise<void> {
	await createWarmPool({ db: world.db, house, size, dropSecrets: safe.drop, onWish: () => undefined })();
}

async function openAccount(planId?: string): Promise<string> {
	return await subscribe(world.db, await joinAs(world.db, makeSender()), planId);
}

/** As the reconciler brings them up. */
async function comeUp(): Promise<void> {
	for (const { id } of await world.db("instances").select("id")) await safe.open(id as string);
	await world.db("instances").update({ phase: "ready", deploy_until: null, config_written: 1 });
}

const waiting = () => world.db("instances").whereNull("account_id").whereNot("desired", "deleted");

test("as many wait as are wanted, however many nodes see to it, and no more than the house has room for", async () => {
	await Promise.all(Array.from({ length: 5 }, async () => await keep(3)));
	expect(await waiting()).toHaveLength(3);
	await keep(10, { ...TEST_HOUSE, liveMax: 5 });
	expect(await waiting()).toHaveLength(5);
	await keep(2);
	expect(await waiting()).toHaveLength(2);
});

test("whoever asks has one that is up, with its key; each has his own", async () => {
	await keep(3);
	await comeUp();
	const [before] = await world.db("instances").select("id");
	const { modelKey } = await safe.open(before?.id as string);
	const keys = createKeyGrants(world.db);
	await expect(keys.find(modelKey)).rejects.toMatchObject({ code: "AUTH_INVALID_CREDENTIALS" });

	const accounts = await Promise.all(Array.from({ length: 5 }, async () => await openAccount()));
	const made = await Promise.all(
		accounts.map(
			async (accountId) => await createInstance(world.db, TEST_HOUSE, { accountId, name: "mine" }),
		),
	);
	expect(new Set(made.map(({ instanceId }) => instanceId)).size).toBe(5);
	const views = await Promise.all(
		made.map(
			async ({ instanceId }, place) =>
				await findInstance(world.db, { instanceId, accountId: accounts[place] ?? "" }),
		),
	);
	expect(views.filter((view) => view?.phase === "ready")).toHaveLength(3);
	expect(views.filter((view) => view?.phase === "none")).toHaveLength(2);
	for (const view of views)
		expect(view).toMatchObject({ name: "mine", desired: "running", deployUntil: expect.any(Date) });
	const grant = await keys.find(modelKey);
	expect(grant).toMatchObject({ instanceId: before?.id, source: "instance" });
	expect(accounts).toContain(grant.accountId);
	const row = await world
		.db("instances")
		.where({ id: before?.id as string })
		.first("config_version", "config_written");
	expect(row).toEqual({ config_version: "2", config_written: "1" });
});

test("one that is larger, elsewhere or not up yet is made anew", async () => {
	await keep(1);
	const early = await createInstance(world.db, TEST_HOUSE, { accountId: await openAccount() });
	await world.db("instances").whereNull("account_id").update({ phase: "ready" });
	const large = await createInstance(world.db, TEST_HOUSE, { accountId: await openAccount("max_200") });
	const newer = { ...TEST_HOUSE, release: "openclaw@2026.10.1" };
	const other = await createInstance(world.db, newer, { accountId: await openAccount() });
	const rows = await world.db("instances").whereIn(
		"id",
		[early, large, other].map(({ instanceId }) => instanceId),
	);
	expect(rows.map(({ phase }) => phase as string)).toEqual(["none", "none", "none"]);
	expect(await waiting()).toHaveLength(1);
});

test("what waits is nobody's: the agents everybody has, and no word of anybody", async () => {
	await keep(1);
	const [row] = await waiting();
	const terms = await findTerms(
		{
			...{ db: world.db, safe, gatewayUrl: async () => "http://127.0.0.1:1/v1", reach: "loopback" },
			loadCatalog: async () => ({ agents: [], skills: [] }) as never,
		},
		{ instanceId: row?.id as string, host: TEST_HOUSE.host },
	);
	expect(terms).toMatchObject({ zone: "UTC", agents: [{ id: "assistant" }] });
});

test("of an older release, too old or broken: gone, with its secrets", async () => {
	await keep(3);
	await comeUp();
	const [old, broken] = await waiting().select("id");
	await world
		.db("instances")
		.where({ id: old?.id as string })
		.update({ created_at: new Date(Date.now() - 25 * 3_600_000) });
	await world
		.db("instances")
		.where({ id: broken?.id as string })
		.update({ phase: "failed" });
	await keep(3);
	expect(await world.db("instances").where({ desired: "deleted" })).toHaveLength(2);
	expect(await waiting()).toHaveLength(3);
	await keep(3, { ...TEST_HOUSE, release: "openclaw@2026.10.1" });
	expect(await world.db("instances").where({ desired: "deleted" })).toHaveLength(5);
	expect(await waiting().select("release")).toEqual(
		Array.from({ length: 3 }, () => ({ release: "openclaw@2026.10.1" })),
	);
	const live = await world.db("api_keys").whereNull("revoked_at").whereNotNull("instance_id");
	expect(live).toEqual([]);
	await keep(0, { ...TEST_HOUSE, release: "openclaw@2026.10.1" });
	expect(await waiting()).toEqual([]);
});

test("a taken one counts among those an account may make in an hour, and one account has one", async () => {
	await keep(3);
	await comeUp();
	const accountId = await openAccount();
	const all = await Promise.all(
		Array.from({ length: 20 }, async () => await createInstance(world.db, TEST_HOUSE, { accountId })),
	);
	expect(new Set(all.map(({ instanceId }) => instanceId)).size).toBe(1);
	expect(all.filter(({ isNew }) => isNew)).toHaveLength(1);
	expect(await waiting()).toHaveLength(2);
});
