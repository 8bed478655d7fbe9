import type { Knex } from "knex";
import knex from "knex";

export type DbOptions = {
	/** Connections at a time; at least 2, since migrate() holds one for its lock while it works on another. */
	readonly poolMax?: number;
	/** Shown in pg_stat_activity. */
	readonly applicationName?: string;
	/** The server cancels a statement that runs longer. */
	readonly statementTimeoutMs?: number;
	/** The server cancels a statement that waits longer for a lock; 0 waits as long as the statement may run. */
	readonly lockTimeoutMs?: number;
	/** How much longer than its statement time-out a silent server is believed to be alive. */
	readonly silenceMarginMs?: number;
	/** Called for what the pool survives by itself, such as an idle connection that broke. */
	readonly onWarning?: (message: string) => void;
};

/** knex's type lacks what pg sends along. */
export type PgConnection = Knex.PgConnectionConfig & { readonly lock_timeout: number };

/** What we touch of a pg client: its socket, and whether the server still owes it an answer. */
type PgClient = {
	readonly readyForQuery: boolean;
	readonly connection: {
		readonly stream: {
			setTimeout(timeoutMs: number, onIdle: () => void): void;
			destroy(error: Error): void;
		};
	};
	query(sql: string, done: (error: Error | null) => void): void;
};

const CONNECT_TIMEOUT_MS = 5_000;
const ACQUIRE_TIMEOUT_MS = 10_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;
const SILENCE_MARGIN_MS = 5_000;

/**
 * A pool of connections to one PostgreSQL. int8 comes back as string. Connects on first use, so this never fails; the
 * first query does. The caller destroys it.
 */
export function createDb(url: string, options: DbOptions = {}): Knex {
	return knex(toKnexConfig(url, options));
}

/** The configuration behind createDb, for the knex command line too. */
export function toKnexConfig(url: string, options: DbOptions = {}): Knex.Config {
	const {
		poolMax = 10,
		applicationName = "rockpool",
		statementTimeoutMs = 30_000,
		lockTimeoutMs = 0,
	} = options;
	const silenceMaxMs = statementTimeoutMs + (options.silenceMarginMs ?? SILENCE_MARGIN_MS);
	const warn = options.onWarning ?? (() => undefined);
	const connection: PgConnection = {
		connectionString: url,
		application_name: applicationName,
		statement_timeout: statementTimeoutMs,
		lock_timeout: lockTimeoutMs,
		idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
		connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
		keepAlive: true,
		keepAliveInitialDelayMillis: 10_000,
	};
	return {
		client: "pg",
		connection,
		acquireConnectionTimeout: ACQUIRE_TIMEOUT_MS,
		pool: {
			min: 0,
			max: Math.max(2, poolMax),
			idleTimeoutMillis: 30_000,
			afterCreate: (client: PgClient, done: (error: Error | null, client: PgClient) => void) => {
				closeWhenSilent(client, silenceMaxMs);
				// Statements must mean the same on every server: UTC, and no JIT for statements of a millisecond.
				client.query("set time zone 'UTC'; set jit = off; set client_min_messages = warning", (error) =>
					done(error, client),
				);
			},
		},
		// A failed statement is told without its values: they are words of users and keys.
		compileSqlOnError: false,
		// knex writes to the console otherwise
		log: { warn, error: warn, deprecate: warn, debug: () => undefined },
	};
}

/**
 * Node has no TCP_USER_TIMEOUT: behind a server that vanished without a FIN a query would wait for many minutes. The server
 * answers within its statement time-out or never, so a longer silence while an answer is due closes the connection.
 */
function closeWhenSilent(client: PgClient, silenceMaxMs: number): void {
	const { stream } = client.connection;
	stream.setTimeout(silenceMaxMs, () => {
		if (!client.readyForQuery) stream.destroy(new Error(`no answer from PostgreSQL for ${silenceMaxMs} ms`));
	});
}
