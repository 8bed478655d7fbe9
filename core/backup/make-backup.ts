import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Knex } from "knex";
import { to as copyTo } from "pg-copy-streams";
import type { NamedKey } from "../secrets/envelope.ts";
import { BackupError } from "./backup-error.ts";
import { breakOff, prepareSession, quoteNames, submitCopy } from "./copy-session.ts";
import type { Frame, TableShape } from "./frames.ts";
import { toBytes } from "./frames.ts";
import { makeHeader } from "./header.ts";
import { listMigrations, listTables, readSequences } from "./schema.ts";
import { sealStream } from "./sealed-stream.ts";

export type BackupReport = {
	readonly id: string;
	readonly tables: number;
	readonly rows: number;
	/** Of the file. */
	readonly bytes: number;
};

/** The least effort that still makes text about a third: the machine has other things to do. */
const GZIP_LEVEL = 2;

/**
 * Writes all tables as they are at one moment: compressed, then sealed with a key of this backup's own, which the header holds
 * wrapped by `kek`. Reads what others may go on writing, and keeps no more in memory than a few pieces.
 *
 * @param db of `openLongDb`
 * @param sink takes the bytes in order; a slow one slows the reading down
 * @throws BackupError when the schema changes meanwhile; then what was written is no backup
 */
export async function makeBackup(
	db: Knex,
	kek: NamedKey,
	sink: (bytes: AsyncIterable<Buffer>) => Promise<void>,
): Promise<BackupReport> {
	const { bytes: head, header, key } = makeHeader(kek, new Date());
	const total = { tables: 0, rows: 0, bytes: 0 };
	const gzip = createGzip({ level: GZIP_LEVEL });
	async function* toFile(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
		for await (const part of chain(head, sealStream(key, compressed))) {
			total.bytes += part.length;
			yield part;
		}
	}
	await pipeline(toFrameBytes(readTables(db), total), gzip, toFile, sink);
	return { id: header.id, ...total };
}

async function* toFrameBytes(
	frames: AsyncIterable<Frame>,
	total: { tables: number; rows: number },
): AsyncGenerator<Buffer> {
	for await (const frame of frames) {
		if (frame.kind === "closing") {
			total.tables = frame.closing.tables;
			total.rows = frame.closing.rows;
		}
		yield toBytes(frame);
	}
}

async function* readTables(db: Knex): AsyncGenerator<Frame> {
	const trx = await db.transaction({ isolationLevel: "repeatable read", readOnly: true });
	let isWhole = false;
	try {
		await prepareSession(trx);
		const tables = await listTables(trx);
		const migrations = await listMigrations(trx);
		if (migrations.length === 0) throw new BackupError("this database holds nothing of Rockpool");
		await holdShape(trx, db, tables, migrations);
		const { rows } = await trx.raw<{ rows: { version: string; taken: Date }[] }>(
			"select current_setting('server_version_num') as version, now() as taken",
		);
		const serverVersion = Number(rows[0]?.version);
		yield {
			kind: "opening",
			opening: { migrations, serverVersion, takenAt: rows[0]?.taken.toISOString() ?? "" },
		};
		let rowsTotal = 0;
		for (const table of tables) {
			yield { kind: "table", table };
			for await (const frame of readTable(trx, table)) {
				if (frame.kind === "table-end") rowsTotal += frame.rows;
				yield frame;
			}
		}
		const sequences = await readSequences(trx);
		yield { kind: "closing", closing: { tables: tables.length, rows: rowsTotal, sequences } };
		isWhole = true;
	} finally {
		// whoever reads no further leaves a COPY behind that only the end of its connection ends
		if (!isWhole) await breakOff(trx);
		await trx.rollback().catch(() => undefined);
	}
}

/**
 * Nobody changes these tables from now on, only what is in them. What changed between the moment of the snapshot and these locks
 * would be read as empty, so that is looked for from outside of the snapshot.
 */
async function holdShape(
	trx: Knex.Transaction,
	db: Knex,
	tables: readonly TableShape[],
	migrations: readonly string[],
): Promise<void> {
	await trx.raw(`lock table only ${quoteNames(tables.map(({ name }) => name))} in access share mode`);
	const now = await listMigrations(db);
	if (now.join() !== migrations.join()) {
		throw new BackupError("a migration ran while the backup began; start it again");
	}
}

async function* readTable(trx: Knex.Transaction, { name, columns }: TableShape): AsyncGenerator<Frame> {
	const sql = `copy (select ${quoteNames(columns)} from only ${quoteNames([name])}) to stdout`;
	const copy = await submitCopy(trx, copyTo(sql));
	for await (const bytes of copy) yield { kind: "rows", bytes: bytes as Buffer };
	yield { kind: "table-end", rows: copy.rowCount };
}

async function* chain(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	yield first;
	yield* rest;
}
