import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import type { Secrets } from "./create-secrets.ts";
import { createSecrets } from "./create-secrets.ts";
import { hasDataKeys } from "./data-keys.ts";
import { open, SealError, seal } from "./envelope.ts";
import { addNextKey, ensureKeyRing, readKeyRing } from "./key-files.ts";

const CANARY = "sk-canary-ключ-密钥";
let testDb: TestDb;
let directory: string;
let scratch: string;
let registered: string[];

beforeAll(async () => {
	testDb = await createTestDb();
	scratch = await mkdtemp(join(tmpdir(), "rockpool-keys-"));
});
afterAll(async () => {
	await testDb.destroy();
	await rm(scratch, { recursive: true, force: true });
});
beforeEach(async () => {
	await testDb.db("secrets").delete();
	await testDb.db("data_keys").delete();
	directory = await makePath();
	registered = [];
	await ensureKeyRing(directory);
});

/** Of a directory that does not exist yet. */
async function makePath(): Promise<string> {
	return join(await mkdtemp(join(scratch, "node-")), "keys");
}

/** A node of its own: nothing in memory. */
function startNode(keys = directory): Secrets {
	return createSecrets({
		db: testDb.db,
		readKeys: async () => await readKeyRing(keys),
		registerSecret: (value) => registered.push(value),
	});
}

async function readRecord(id: string): Promise<string> {
	return (await testDb.db("secrets").where({ id }).first("record")).record as string;
}

describe("a stored secret", () => {
	test("comes back on another node, and the log is told of it on both", async () => {
		const id = await startNode().put("platform", "provider-key", CANARY);
		expect(registered).toEqual([CANARY]);
		expect(await startNode().get(id)).toBe(CANARY);
		expect(registered).toEqual([CANARY, CANARY]);
	});

	test("stands nowhere in the database in the clear", async () => {
		await startNode().put("platform", "provider-key", CANARY);
		const { rows } = await testDb.db.raw("select s.*, d.* from secrets s join data_keys d using (tenant)");
		expect(JSON.stringify(rows)).not.toContain("canary");
		expect(rows[0].record).toMatch(/^v1\.d[0-9a-f]{8}\.[\w-]{16}\.[\w-]+\.[\w-]{22}$/);
		expect(rows[0].wrapped).toMatch(/^v1\.k0001-[0-9a-f]{6}\./);
	});

	test("is written differently each time", async () => {
		const node = startNode();
		const [first, second] = [await node.put("t", "p", CANARY), await node.put("t", "p", CANARY)];
		expect(await readRecord(first)).not.toBe(await readRecord(second));
	});

	test("can be replaced and removed", async () => {
		const node = startNode();
		const id = await node.put("t", "p", CANARY);
		await node.replace(id, "another value");
		expect(await startNode().get(id)).toBe("another value");
		await node.remove(id);
		await node.remove(id);
		await expect(node.get(id)).rejects.toMatchObject({ code: "INTERNAL" });
		await expect(node.replace(id, "x")).rejects.toMatchObject({ code: "INTERNAL" });
	});

	test("does not open after any one bit of it was flipped", async () => {
		const node = startNode();
		const id = await node.put("t", "p", CANARY);
		const record = await readRecord(id);
		for (let at = 0; at < record.length; at += 1) {
			const flipped = String.fromCharCode(record.charCodeAt(at) ^ 1);
			await testDb
				.db("secrets")
				.where({ id })
				.update({ record: record.slice(0, at) + flipped + record.slice(at + 1) });
			const failure = await node.get(id).then(
				() => undefined,
				(error: Error) => error,
			);
			expect({ at, code: (failure as { code?: string } | undefined)?.code }).toEqual({
				at,
				code: "INTERNAL",
			});
			expect(failure?.message).not.toContain("canary");
		}
	});

	test("does not open in another row or for another tenant", async () => {
		const node = startNode();
		const [mine, other] = [await node.put("a", "p", CANARY), await node.put("a", "p", "other value")];
		await testDb
			.db("secrets")
			.where({ id: other })
			.update({ record: await readRecord(mine) });
		await expect(node.get(other)).rejects.toThrow("cannot be opened");
		await node.put("b", "p", "x of tenant b");
		await testDb.db("secrets").where({ id: mine }).update({ tenant: "b" });
		await expect(node.get(mine)).rejects.toThrow("cannot be opened");
	});

	test("does not open with the data key of another tenant moved under it", async () => {
		const node = startNode();
		const id = await node.put("a", "p", CANARY);
		await node.put("b", "p", "x of tenant b");
		await testDb.db.raw(
			"update data_keys set wrapped = (select wrapped from data_keys where tenant = 'b') where tenant = 'a'",
		);
		await expect(startNode().get(id)).rejects.toThrow("cannot be opened");
	});
});

describe("the key-encryption key", () => {
	test("is made once, for the owner alone, also by many that start at once", async () => {
		const fresh = await makePath();
		const rings = await Promise.all(Array.from({ length: 8 }, async () => await ensureKeyRing(fresh)));
		expect(new Set(rings.map((ring) => ring.current.bytes.toString("hex"))).size).toBe(1);
		expect(await readdir(fresh)).toEqual(["k0001.key"]);
		expect((await stat(join(fresh, "k0001.key"))).mode & 0o777).toBe(0o400);
		expect((await stat(fresh)).mode & 0o777).toBe(0o700);
	});

	test("is not made anew where secrets need the one that is lost", async () => {
		expect(await hasDataKeys(testDb.db)).toBe(false);
		await startNode().put("t", "p", CANARY);
		const lost = await makePath();
		const isNeeded = async () => await hasDataKeys(testDb.db);
		await expect(ensureKeyRing(lost, isNeeded)).rejects.toThrow("bring it back from your backup");
		await expect(readdir(lost)).rejects.toThrow("ENOENT");
		expect((await ensureKeyRing(directory, isNeeded)).byId.size).toBe(1);
	});

	test("that others may read, or that is no key, is refused", async () => {
		const file = join(directory, "k0001.key");
		await chmod(file, 0o444);
		await expect(readKeyRing(directory)).rejects.toThrow("chmod 0400");
		await rm(file);
		await expect(readKeyRing(directory)).rejects.toThrow("no key-encryption key");
		await writeFile(file, "short\n", { mode: 0o400 });
		await expect(readKeyRing(directory)).rejects.toThrow("32 random bytes");
	});

	test("may be a single file", async () => {
		const file = join(directory, "mounted-secret");
		await writeFile(file, randomBytes(32).toString("base64"), { mode: 0o440 });
		const id = await startNode(file).put("t", "p", CANARY);
		expect(await startNode(file).get(id)).toBe(CANARY);
	});

	test("that is missing fails with its name", async () => {
		const id = await startNode().put("t", "p", CANARY);
		const other = await makePath();
		await ensureKeyRing(other);
		const failure = await startNode(other)
			.get(id)
			.catch((error: Error) => error);
		expect(String((failure as Error).cause)).toMatch(/key k0001-[0-9a-f]{6} is not among the key files/);
	});

	test("is changed while nodes read and write, without one error", async () => {
		const nodes = [startNode(), startNode(), startNode()];
		const ids = await Promise.all(
			nodes.map(async (node, n) => await node.put(`t${n}`, "p", `value-${n}-secret`)),
		);
		let isDone = false;
		const load = nodes.map(async (node, n) => {
			for (let turn = 0; !isDone; turn += 1) {
				expect(await node.get(ids[(n + turn) % 3] ?? "")).toContain("-secret");
				await node.remove(await node.put(`t${(n + turn) % 5}`, "p", "short-lived-secret"));
			}
		});
		for (let turn = 0; turn < 5; turn += 1) {
			await addNextKey(directory);
			await Promise.all([startNode().rotateKek(), startNode().rotateKek()]);
		}
		isDone = true;
		await Promise.all(load);
		await startNode().rotateKek();
		const used = await testDb.db("data_keys").distinct("kek_id").pluck("kek_id");
		expect(used).toEqual([(await readKeyRing(directory)).current.id]);
		expect(used[0]).toContain("k0006-");
		for (const old of ["k0001", "k0002", "k0003", "k0004", "k0005"])
			await rm(join(directory, `${old}.key`), { force: true });
		for (const [n, id] of ids.entries()) expect(await startNode().get(id)).toBe(`value-${n}-secret`);
	});
});

test("a secret all nodes share is made once", async () => {
	let made = 0;
	const make = () => {
		made += 1;
		return `made-secret-${made}`;
	};
	const values = await Promise.all(
		[1, 2, 3, 4].map(async () => await startNode().ensure("platform", "bind-pepper", make)),
	);
	expect(new Set(values)).toEqual(new Set(["made-secret-1"]));
	expect(made).toBe(1);
});

test("a record is bound to each part of its place", () => {
	const key = { id: "k1", bytes: randomBytes(32) };
	const place = { table: "secrets", column: "record", rowId: "1", tenant: "t" };
	const record = seal(key, place, Buffer.from("x"));
	expect(open(key, place, record).toString()).toBe("x");
	for (const name of ["table", "column", "rowId", "tenant"]) {
		expect(() => open(key, { ...place, [name]: "else" }, record)).toThrow(SealError);
	}
	expect(() => open({ ...key, id: "k2" }, place, record)).toThrow(SealError);
	expect(() => open({ ...key, bytes: randomBytes(32) }, place, record)).toThrow(SealError);
	for (const text of ["", "v1", "v1.k1...", `v2${record.slice(2)}`, `${record}.x`, record.slice(0, -3)]) {
		expect(() => open(key, place, text)).toThrow(SealError);
	}
});
