import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { BackupError } from "../core/backup/backup-error.ts";
import { keepNewest, toBackupPath, writeNewFile } from "../core/backup/backup-file.ts";
import { openLongDb } from "../core/backup/copy-session.ts";
import type { BackupReport } from "../core/backup/make-backup.ts";
import { makeBackup } from "../core/backup/make-backup.ts";
import { ConfigError, parseConfig } from "../core/config.ts";
import { startEmbeddedPostgres } from "../core/db/embedded-postgres.ts";
import { readKeyRing } from "../core/secrets/key-files.ts";
import { toReason } from "./compose/explain.ts";

const STDOUT = "-";

/**
 * `npm run backup -- [--out FILE|DIRECTORY|-] [--keep N]`: writes an encrypted copy of the configured database as it is at one
 * moment, while nodes work on it. Without --out into DATA_DIR/backups. --keep removes all but the N newest backups there.
 */
try {
	await main();
} catch (error) {
	console.error(error instanceof ConfigError ? error.message : `No backup was made: ${toReason(error)}`);
	process.exitCode = 1;
}

async function main(): Promise<void> {
	const { values } = parseArgs({ options: { out: { type: "string" }, keep: { type: "string" } } });
	const config = parseConfig(process.env);
	const startedAt = new Date();
	const out = values.out ?? join(config.dataDir, "backups/");
	const path = out === STDOUT ? STDOUT : await toBackupPath(out, startedAt);
	const keep = toKeep(values.keep, path === out);
	const { current } = await readKeyRing(config.kekPath);
	const embedded =
		config.databaseUrl === undefined
			? await startEmbeddedPostgres({ dataDir: join(config.dataDir, "postgres") })
			: undefined;
	const db = openLongDb(config.databaseUrl ?? embedded?.url ?? "", "rockpool-backup");
	try {
		const write = async (sink: Parameters<typeof makeBackup>[2]): Promise<BackupReport> =>
			await makeBackup(db, current, sink);
		const report =
			path === STDOUT
				? await write(async (bytes) => await pipeline(bytes, process.stdout, { end: false }))
				: await writeNewFile(path, write);
		const ms = Date.now() - startedAt.getTime();
		// standard output may be the backup itself
		console.error(`${path}: ${report.bytes} bytes, ${report.tables} tables, ${report.rows} rows, ${ms} ms`);
		console.error(
			`It opens only with key ${current.id} of ${config.kekPath}: keep a copy of the keys too, and in another place.`,
		);
		if (keep === undefined) return;
		for (const name of await keepNewest(dirname(path), keep)) console.error(`removed ${name}`);
	} finally {
		await db.destroy();
		await embedded?.stop();
	}
}

/** @throws BackupError when it is no number, or there is no directory of backups to keep some of */
function toKeep(text: string | undefined, isNamed: boolean): number | undefined {
	if (text === undefined) return undefined;
	if (isNamed) throw new BackupError("--keep needs a directory: leave --out away, or end it with a slash");
	if (!/^[1-9]\d{0,5}$/.test(text)) throw new BackupError("--keep must be a whole number from 1 on");
	return Number(text);
}
