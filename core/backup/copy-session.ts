import type { Knex } from "knex";
import type { ClientBase, Submittable } from "pg";
import { createDb } from "../db/connect.ts";

/** What pg's types lack: the socket of a client. */
type RawClient = { readonly connection: { readonly stream: { destroy(): void } } };

const DAY_MS = 86_400_000;

/** A pool for statements that may take hours. The caller destroys it. */
export function openLongDb(url: string, applicationName: string): Knex {
	return createDb(url, { poolMax: 2, applicationName, statementTimeoutMs: DAY_MS, lockTimeoutMs: 15_000 });
}

/** Text of a value means the same on both sides, whatever the servers are set to; the time zone is UTC on every connection of ours. */
export async function prepareSession(trx: Knex.Transaction): Promise<void> {
	await trx.raw("set local idle_in_transaction_session_timeout = 0");
	await trx.raw("set local datestyle = 'ISO, YMD'");
	await trx.raw("set local intervalstyle = 'postgres'");
	await trx.raw("set local extra_float_digits = 1");
	await trx.raw("set local search_path = public");
}

/** Hands a COPY to the transaction's own connection, past knex, which knows no streams. */
export async function submitCopy<Copy extends Submittable>(trx: Knex.Transaction, copy: Copy): Promise<Copy> {
	const connection = (await trx.client.acquireConnection()) as ClientBase;
	return connection.query(copy);
}

/** Closes the transaction's connection under whatever still runs on it; the server takes all of it back. */
export async function breakOff(trx: Knex.Transaction): Promise<void> {
	const connection = (await trx.client.acquireConnection()) as RawClient;
	connection.connection.stream.destroy();
}

/** `"a", "b"`: names as they go into SQL. */
export function quoteNames(names: readonly string[]): string {
	return names.map((name) => `"${name.replaceAll('"', '""')}"`).join(", ");
}
