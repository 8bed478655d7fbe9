import { join } from "node:path";
import { parseArgs } from "node:util";
import { ConfigError, parseConfig } from "../core/config.ts";
import { createDb } from "../core/db/connect.ts";
import { startEmbeddedPostgres } from "../core/db/embedded-postgres.ts";
import { findPendingMigrations, migrate, rollback } from "../core/db/migrations.ts";
import { toReason } from "./compose/explain.ts";

/** `npm run migrate`: brings the configured database up to date. --list shows what is missing, --back takes the newest batch back. */
try {
	await main();
} catch (error) {
	console.error(error instanceof ConfigError ? error.message : `Nothing was done: ${toReason(error)}`);
	process.exitCode = 1;
}

async function main(): Promise<void> {
	const { values } = parseArgs({ options: { list: { type: "boolean" }, back: { type: "boolean" } } });
	const config = parseConfig(process.env);
	const embedded =
		config.databaseUrl === undefined
			? await startEmbeddedPostgres({ dataDir: join(config.dataDir, "postgres") })
			: undefined;
	const db = createDb(config.databaseUrl ?? embedded?.url ?? "", { poolMax: 2 });
	try {
		if (values.list === true) report("missing", await findPendingMigrations(db));
		else if (values.back === true) report("taken back", await rollback(db));
		else report("applied", await migrate(db));
	} finally {
		await db.destroy();
		await embedded?.stop();
	}
}

function report(what: string, names: readonly string[]): void {
	console.log(names.length === 0 ? `nothing ${what}: the database is up to date` : `${what}:`);
	for (const name of names) console.log(`  ${name}`);
}
