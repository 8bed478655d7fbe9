import { join } from "node:path";
import type { Knex } from "knex";
import type { Config } from "../../core/config.ts";
import { parseConfig } from "../../core/config.ts";
import { createDb } from "../../core/db/connect.ts";
import { startEmbeddedPostgres } from "../../core/db/embedded-postgres.ts";
import { migrate } from "../../core/db/migrations.ts";
import type { Egress } from "../../core/egress/create-egress.ts";
import { createEgress } from "../../core/egress/create-egress.ts";
import { createScrubber } from "../../core/log/scrubber.ts";
import { createAnthropicProvider } from "../../core/providers/anthropic.ts";
import { createOpenAiProvider } from "../../core/providers/openai-compatible.ts";
import type { Provider } from "../../core/providers/provider.ts";
import type { Secrets } from "../../core/secrets/create-secrets.ts";
import { createSecrets } from "../../core/secrets/create-secrets.ts";
import { hasDataKeys } from "../../core/secrets/data-keys.ts";
import { ensureKeyRing } from "../../core/secrets/key-files.ts";
import { during } from "../compose/explain.ts";
import type { Console, ConsoleStreams } from "./console.ts";
import { createConsole } from "./console.ts";

/** What every command of the wizard works with. */
export type Wizard = {
	readonly config: Config;
	/** As the process was started, .env included. */
	readonly env: NodeJS.ProcessEnv;
	readonly db: Knex;
	readonly console: Console;
	/** Where .env is. */
	readonly folder: string;
	/** The secret store over this connection, so that a secret and the row that names it are one commit. */
	secretsOver(db: Knex): Secrets;
	/** From now on this value is blacked out of everything that is said. */
	readonly registerSecret: (value: string) => void;
	readonly egress: Egress;
	/** The adapter of a dialect. */
	readonly providers: ReadonlyMap<string, Provider>;
};

export type Surroundings = {
	readonly env: NodeJS.ProcessEnv;
	readonly folder: string;
	readonly streams: ConsoleStreams;
	/** In place of the adapters that go out of the house; for tests. */
	readonly providers?: readonly Provider[];
};

/**
 * Opens the same database the app uses, whether the app runs or not, brought up to date, and runs one command over it.
 *
 * @throws ConfigError; Error naming what is wrong with the database
 */
export async function withWizard(
	surroundings: Surroundings,
	work: (wizard: Wizard) => Promise<number>,
): Promise<number> {
	const { env, folder, streams } = surroundings;
	const config = parseConfig(env);
	const scrubber = createScrubber(config.secrets);
	const where = config.databaseUrl === undefined ? "in DATA_DIR" : "DATABASE_URL names";
	const { db, close } = await during(
		`the database ${where} cannot be used`,
		async () => await openDatabase(config),
	);
	const egress = createEgress();
	const adapters = surroundings.providers ?? [
		createOpenAiProvider({ egress }),
		createAnthropicProvider({ egress }),
	];
	try {
		return await work({
			...{ config, env, db, folder, egress },
			console: createConsole(streams, scrubber.scrub),
			secretsOver: (connection) => createSecretsOver(connection, config, scrubber.registerSecret),
			registerSecret: scrubber.registerSecret,
			providers: new Map(adapters.map((provider) => [provider.dialect, provider])),
		});
	} finally {
		await egress.close();
		await close();
	}
}

/** The embedded server is shared with an app that runs, and stops with its last user. */
async function openDatabase(
	config: Config,
): Promise<{ readonly db: Knex; readonly close: () => Promise<void> }> {
	const embedded =
		config.databaseUrl === undefined
			? await startEmbeddedPostgres({ dataDir: join(config.dataDir, "postgres") })
			: undefined;
	const db = createDb(config.databaseUrl ?? embedded?.url ?? "", { poolMax: 3 });
	const close = async (): Promise<void> => {
		await db.destroy();
		await embedded?.stop();
	};
	try {
		await migrate(db);
	} catch (error) {
		await close();
		throw error;
	}
	return { db, close };
}

function createSecretsOver(db: Knex, config: Config, registerSecret: (value: string) => void): Secrets {
	return createSecrets({
		db,
		readKeys: async () => await ensureKeyRing(config.kekPath, async () => await hasDataKeys(db)),
		registerSecret,
	});
}
