import { join } from "node:path";
import type { Knex } from "knex";
import type { Terminal } from "../../bots/terminal/create-terminal.ts";
import type { Config } from "../../core/config.ts";
import { parseConfig } from "../../core/config.ts";
import { assertDurable } from "../../core/db/assert-durable.ts";
import { createDb } from "../../core/db/connect.ts";
import { startEmbeddedPostgres } from "../../core/db/embedded-postgres.ts";
import { migrate } from "../../core/db/migrations.ts";
import { createScrubber } from "../../core/log/scrubber.ts";
import type { Logger } from "../../core/log.ts";
import { createLog } from "../../core/log.ts";
import { createSecrets } from "../../core/secrets/create-secrets.ts";
import { hasDataKeys } from "../../core/secrets/data-keys.ts";
import { ensureKeyRing } from "../../core/secrets/key-files.ts";
import type { App, HttpLimits } from "../compose.ts";
import { composeApp } from "../compose.ts";
import { during } from "./explain.ts";

export type Node = {
	readonly app: App;
	readonly config: Config;
	readonly log: Logger;
	readonly terminal: Terminal | undefined;
	/** The app, then its connections, then the database if it is ours. */
	stop(): Promise<void>;
};

type Undo = () => Promise<void>;

/**
 * Everything a node needs, from its environment to the running app. What was started is stopped again when a later step fails.
 *
 * @throws ConfigError; Error naming what is wrong with the database, its settings, the keys or the port
 */
export async function bootNode(
	env: NodeJS.ProcessEnv,
	createTerminal: (config: Config) => Terminal | undefined,
	httpLimits: HttpLimits = {},
): Promise<Node> {
	const config = parseConfig(env);
	const terminal = createTerminal(config);
	const scrubber = createScrubber(config.secrets);
	// A chat owns the screen, so the log goes beside it.
	const file = config.log.file ?? (terminal === undefined ? undefined : join(config.dataDir, "rockpool.log"));
	const log = createLog({ level: config.log.level, scrubber, file });
	const undo: Undo[] = [];
	const stop = async (): Promise<void> => {
		for (const step of undo.splice(0).reverse()) {
			await step().catch((err: unknown) => log.error({ err }, "a part did not stop cleanly"));
		}
	};
	try {
		const database = config.databaseUrl === undefined ? "in DATA_DIR" : "DATABASE_URL names";
		const { url: databaseUrl, db } = await during(
			`the database ${database} cannot be used`,
			async () => await openDatabase(config, log, undo),
		);
		const secrets = createSecrets({
			db,
			readKeys: async () => await ensureKeyRing(config.kekPath, async () => await hasDataKeys(db)),
			registerSecret: scrubber.registerSecret,
		});
		const parts = { config, db, databaseUrl, secrets, log, httpLimits };
		const app = await composeApp({ ...parts, ...(terminal !== undefined && { terminal }) });
		undo.push(app.stop);
		log.info({ ...app.address, telegramBots: config.telegram.tokens.length }, "Rockpool is up");
		return { app, config, log, terminal, stop };
	} catch (error) {
		log.fatal({ err: error }, "Rockpool did not start");
		await stop();
		throw error;
	}
}

async function openDatabase(
	config: Config,
	log: Logger,
	undo: Undo[],
): Promise<{ readonly url: string; readonly db: Knex }> {
	const url = config.databaseUrl ?? (await openEmbedded(config, undo));
	const db = createDb(url, { onWarning: (message) => log.warn({ cause: message }, "database connection") });
	undo.push(async () => await db.destroy());
	await migrate(db);
	await assertDurable(db);
	return { url, db };
}

async function openEmbedded(config: Config, undo: Undo[]): Promise<string> {
	const embedded = await startEmbeddedPostgres({ dataDir: join(config.dataDir, "postgres") });
	undo.push(embedded.stop);
	return embedded.url;
}
