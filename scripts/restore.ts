import { open } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BackupError } from "../core/backup/backup-error.ts";
import { openLongDb } from "../core/backup/copy-session.ts";
import { checkBackup } from "../core/backup/read-backup.ts";
import { restoreBackup } from "../core/backup/restore-backup.ts";
import type { Config } from "../core/config.ts";
import { ConfigError, parseConfig } from "../core/config.ts";
import { startEmbeddedPostgres } from "../core/db/embedded-postgres.ts";
import { migrate } from "../core/db/migrations.ts";
import { createKekSource } from "../core/secrets/kek-source.ts";
import { readKeyRing } from "../core/secrets/key-files.ts";
import { toReason } from "./compose/explain.ts";

/**
 * `npm run restore -- FILE`: fills an empty database from a backup ("-": from standard input), all of it or nothing, then brings it
 * up to this version. With --check the file is only read through to its end, without any database.
 */
try {
	await main();
} catch (error) {
	console.error(error instanceof ConfigError ? error.message : `Nothing was restored: ${toReason(error)}`);
	process.exitCode = 1;
}

async function main(): Promise<void> {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: { check: { type: "boolean", default: false } },
	});
	const [file] = positionals;
	if (file === undefined || positionals.length > 1) {
		throw new BackupError("name one backup: npm run restore -- [--check] FILE");
	}
	const config = parseConfig(process.env);
	const source: AsyncIterable<Buffer> = file === "-" ? process.stdin : (await open(file)).createReadStream();
	const keks = createKekSource(async () => await readKeyRing(config.kekPath));
	if (values.check) {
		const { header, closing } = await checkBackup(source, keks.find);
		console.log(
			`${file}: whole and unchanged; ${closing.tables} tables, ${closing.rows} rows, made at ${header.createdAt}`,
		);
		return;
	}
	await restore(config, file, source, keks.find);
}

async function restore(
	config: Config,
	file: string,
	source: AsyncIterable<Buffer>,
	findKey: Parameters<typeof restoreBackup>[2],
): Promise<void> {
	const startedAt = Date.now();
	const embedded =
		config.databaseUrl === undefined
			? await startEmbeddedPostgres({ dataDir: join(config.dataDir, "postgres") })
			: undefined;
	const db = openLongDb(config.databaseUrl ?? embedded?.url ?? "", "rockpool-restore");
	try {
		const report = await restoreBackup(db, source, findKey);
		const ms = Date.now() - startedAt;
		console.log(`${file}: ${report.tables} tables, ${report.rows} rows as of ${report.takenAt}, ${ms} ms`);
		for (const name of await migrate(db)) console.log(`  applied ${name}`);
		console.log("Before you start it, read what a restore means for people: docs/operations.md");
	} finally {
		await db.destroy();
		await embedded?.stop();
	}
}
