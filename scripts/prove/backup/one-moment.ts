import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { makeEmpty, readTablePrints } from "../../../core/backup/testing/table-prints.ts";
import type { TestDb } from "../../../core/testing/create-test-db.ts";
import { pollUntil } from "../../../core/testing/poll-until.ts";
import type { ModuleEdit } from "../testing/module-mutant.ts";
import type { BackupWorld } from "./backup-world.ts";
import { runTool, startTool } from "./run-tool.ts";

/** The early table that the bulk is in; those of the ledger come after it. */
const BULK_TABLE = "conversation_messages";

/** Rows of 3 kB that do not compress well, in a conversation nobody goes on with. */
export async function addBulk({ source }: BackupWorld, rows: number): Promise<void> {
	await source.db.raw(
		`with bulk as (
			insert into conversations (lane, account_id) select 'bulk:' || ?::int, min(id) from accounts
			returning lane, account_id
		)
		insert into conversation_messages (lane, account_id, inbox_id, role, content, tokens)
		select lane, account_id, -n - ?::int * 1000, 'user',
			(select string_agg(md5(lane || n || ':' || m), '') from generate_series(1, 100) m), 1
		from bulk, generate_series(1, ?::int) n`,
		[rows, rows, rows],
	);
}

export type MomentReport = {
	readonly isRestored: boolean;
	/** Tables that are not what they were when the backup began. */
	readonly differing: readonly string[];
	readonly failures: readonly string[];
	readonly figures: Readonly<Record<string, unknown>>;
};

/**
 * Begins a backup in a quiet moment and reads no further than its first tables; lets people talk; reads on. What is restored of it
 * must be the quiet moment to the row.
 */
export async function backUpWhileTalking(
	world: BackupWorld,
	target: TestDb,
	edits: readonly ModuleEdit[],
	talk: () => Promise<void>,
): Promise<MomentReport> {
	const { source, directory, keysPath } = world;
	const env = { KEK_FILE: keysPath, DATA_DIR: directory };
	const failures: string[] = [];
	await world.settle();
	const before = await readTablePrints(source.db);
	const { child, ended } = startTool(
		"backup.ts",
		["--out", "-"],
		{ ...env, DATABASE_URL: source.url },
		edits,
	);
	await pollUntil(async () => await isReading(source), 30_000);
	await talk();
	await world.settle();
	const after = await readTablePrints(source.db);
	const path = join(directory, "moment.backup");
	if (child.stdout !== null) await pipeline(child.stdout, createWriteStream(path, { mode: 0o600 }));
	const made = await ended;
	if (made.code !== 0) failures.push(made.said);
	await makeEmpty(target.db);
	const startedAt = performance.now();
	const restored = await runTool("restore.ts", [path], { ...env, DATABASE_URL: target.url }, edits);
	if (restored.code !== 0) failures.push(restored.said);
	const restoreMs = Math.round(performance.now() - startedAt);
	const isRestored = restored.code === 0;
	const found = isRestored ? await readTablePrints(target.db) : {};
	return {
		isRestored,
		differing: Object.keys(before).filter((name) => before[name] !== found[name]),
		failures,
		figures: {
			tables: Object.keys(before).length,
			rows: Object.values(before).reduce((sum, print) => sum + Number.parseInt(print, 10), 0),
			tablesChangedMeanwhile: Object.keys(before).filter((name) => before[name] !== after[name]).length,
			fileBytes: (await stat(path)).size,
			restoreMs,
		},
	};
}

async function isReading({ db }: TestDb): Promise<boolean> {
	const { rows } = await db.raw<{ rows: unknown[] }>(
		`select 1 from pg_stat_activity
		where datname = current_database() and application_name = 'rockpool-backup' and query ~ ?`,
		[`^copy .*"${BULK_TABLE}"`],
	);
	return rows.length > 0;
}
