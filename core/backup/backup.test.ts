import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Knex } from "knex";
import { findPendingMigrations, migrate, migrationSource } from "../db/migrations.ts";
import { createSecrets } from "../secrets/create-secrets.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { joinAs, makeSender } from "../testing/people.ts";
import { openLongDb } from "./copy-session.ts";
import { makeBackup } from "./make-backup.ts";
import { checkBackup } from "./read-backup.ts";
import { restoreBackup } from "./restore-backup.ts";
import { backUpToMemory, inPieces, makeKey } from "./testing/in-memory.ts";
import { addOddRows } from "./testing/odd-rows.ts";
import { makeEmpty, readTablePrints } from "./testing/table-prints.ts";

const kek = makeKey("k1");
const findKey = async (id: string) => {
	if (id === kek.id) return kek;
	throw new Error(`there is no key ${id}`);
};
let source: TestDb;
let target: TestDb;
let db: Knex;
let targetDb: Knex;
let secretId: string;

beforeAll(async () => {
	source = await createTestDb();
	target = await createTestDb();
	db = openLongDb(source.url, "rockpool-test");
	targetDb = openLongDb(target.url, "rockpool-test");
	await addOddRows(source.db, kek);
	({ secretId } = await addOddRows(source.db, kek));
});
afterAll(async () => {
	await db.destroy();
	await targetDb.destroy();
	await source.destroy();
	await target.destroy();
});
beforeEach(async () => {
	await makeEmpty(target.db);
});

const restore = async (bytes: Buffer) => await restoreBackup(targetDb, inPieces(bytes), findKey);

async function listRelations(of: Knex): Promise<readonly string[]> {
	return await of("pg_class").whereRaw("relnamespace = 'public'::regnamespace").pluck("relname");
}

async function readDefinitions(of: Knex): Promise<readonly string[]> {
	const { rows } = await of.raw<{ rows: { text: string }[] }>(
		`select conrelid::regclass || conname || pg_get_constraintdef(oid) || convalidated::text as text from pg_constraint
			where connamespace = 'public'::regnamespace
		union all select tgrelid::regclass || pg_get_triggerdef(oid) || tgenabled::text from pg_trigger where not tgisinternal
		union all select pg_get_indexdef(indexrelid) from pg_index where indrelid::regclass::text !~ '^pg_'
		union all select pg_get_functiondef(oid) from pg_proc
			where pronamespace = 'public'::regnamespace and prolang <> (select oid from pg_language where lanname = 'c')
		order by 1`,
	);
	return rows.map(({ text }) => text);
}

test("every table comes back as it was, schema and secrets too, and new rows get new numbers", async () => {
	const prints = await readTablePrints(source.db);
	const report = await restore(await backUpToMemory(db, kek));
	expect(await readTablePrints(target.db)).toEqual(prints);
	expect(report).toMatchObject({
		tables: Object.keys(prints).length,
		rows: Object.values(prints).reduce((sum, print) => sum + Number.parseInt(print, 10), 0),
	});
	expect(await findPendingMigrations(target.db)).toEqual([]);
	const definitions = await readDefinitions(source.db);
	expect(await readDefinitions(target.db)).toEqual(definitions);
	expect(definitions.some((text) => text.includes("FOREIGN KEY"))).toBe(true);
	const secrets = createSecrets({
		db: target.db,
		readKeys: async () => ({ current: kek, byId: new Map([[kek.id, kek]]) }),
		registerSecret: () => undefined,
	});
	expect(await secrets.get(secretId)).toBe("the secret");
	const last = await source.db("accounts").max("id as id").first();
	expect(Number(await joinAs(target.db, makeSender()))).toBeGreaterThan(Number(last?.["id"]));
	await expect(target.db("ledger_journal").delete()).rejects.toThrow("append only");
});

test("numbers of rows that are gone are not given out again", async () => {
	const event = {
		platform: "telegram",
		bot_id: "7",
		lane: "telegram:7:1",
		body: "{}",
		body_hash: Buffer.alloc(1),
	};
	await source.db("lanes").insert({ lane: event.lane }).onConflict().ignore();
	const [gone] = await source.db("inbox").insert({ ...event, event_id: "gone" }, "id");
	await source.db("inbox").where({ id: gone.id }).delete();
	await restore(await backUpToMemory(db, kek));
	const [next] = await target.db("inbox").insert({ ...event, event_id: "next" }, "id");
	expect(Number(next.id)).toBe(Number(gone.id) + 1);
});

test("the backup is one moment, whatever is written while it is read", async () => {
	const prints = await readTablePrints(source.db);
	// Its look from outside of the snapshot comes after the snapshot and before the first table.
	const busy = new Proxy(db, {
		get(target, name) {
			if (name !== "raw") return Reflect.get(target, name);
			return async (sql: string) => {
				await addOddRows(source.db, kek);
				return await target.raw(sql);
			};
		},
	});
	await restore(await backUpToMemory(busy, kek));
	expect(await readTablePrints(target.db)).toEqual(prints);
	expect(await readTablePrints(source.db)).not.toEqual(prints);
});

test("nothing is put over what is there", async () => {
	const bytes = await backUpToMemory(db, kek);
	await target.db.raw("create table notes (text text)");
	await expect(restore(bytes)).rejects.toThrow("this database is not empty (it has notes)");
	expect(await listRelations(target.db)).toEqual(["notes"]);
});

test("a file that is cut off, flipped or of another key leaves the database as it was", async () => {
	const bytes = await backUpToMemory(db, kek);
	const flipped = Buffer.from(bytes);
	flipped.writeUInt8(flipped.readUInt8(bytes.length - 200) ^ 4, bytes.length - 200);
	for (const broken of [
		bytes.subarray(0, -1),
		bytes.subarray(0, 1_000),
		bytes.subarray(0, 5),
		flipped,
		Buffer.from("no backup at all, whatever it is"),
	]) {
		await expect(restore(broken)).rejects.toThrow("backup");
		await expect(checkBackup(inPieces(broken), findKey)).rejects.toThrow("backup");
	}
	const foreign = await backUpToMemory(db, makeKey("k2"));
	await expect(restore(foreign)).rejects.toThrow("the key-encryption key of this backup is not here");
	const sameName = await backUpToMemory(db, makeKey(kek.id));
	await expect(restore(sameName)).rejects.toThrow("another one of the same name");
	expect(await listRelations(target.db)).toEqual([]);
	await expect(checkBackup(inPieces(bytes), findKey)).resolves.toMatchObject({ closing: {} });
});

test("a backup of an older version is restored to its schema and then migrated", async () => {
	const names = await migrationSource.getMigrations([]);
	const older = { ...migrationSource, getMigrations: async () => names.slice(0, -3) };
	await target.db.migrate.latest({ migrationSource: older });
	await joinAs(target.db, makeSender()).catch(() => undefined);
	const bytes = await backUpToMemory(targetDb, kek);
	await makeEmpty(target.db);
	await restore(bytes);
	expect(await migrate(target.db)).toEqual(names.slice(-3));
});

test("a backup of a newer version is refused by the names it lacks", async () => {
	await source
		.db("knex_migrations")
		.insert({ name: "20991231_future", batch: 9, migration_time: new Date() });
	const bytes = await backUpToMemory(db, kek);
	await source.db("knex_migrations").where({ name: "20991231_future" }).delete();
	await expect(restore(bytes)).rejects.toThrow("newer Rockpool: this one lacks 20991231_future");
	expect(await listRelations(target.db)).toEqual([]);
});

test("books that do not add up are not restored", async () => {
	await source.db.raw("alter table ledger_journal disable trigger user");
	expect(await source.db("ledger_journal").where({ kind: "post" }).delete()).toBeGreaterThan(0);
	await source.db.raw("alter table ledger_journal enable trigger user");
	await expect(restore(await backUpToMemory(db, kek))).rejects.toThrow("does not add up");
	expect(await listRelations(target.db)).toEqual([]);
});

test("a reader who leaves holds nothing any longer", async () => {
	const leaving = makeBackup(db, kek, async (bytes) => {
		let count = 0;
		for await (const _part of bytes) {
			count += 1;
			if (count > 1) throw new Error("the disk is full");
		}
	});
	await expect(leaving).rejects.toThrow("the disk is full");
	await source.db.transaction(async (trx) => {
		await trx.raw("lock table accounts in access exclusive mode");
	});
	expect((await backUpToMemory(db, kek)).length).toBeGreaterThan(1_000);
});

test("an empty database is no source", async () => {
	await expect(backUpToMemory(targetDb, kek)).rejects.toThrow("holds nothing of Rockpool");
});
