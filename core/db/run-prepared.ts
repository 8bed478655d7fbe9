import type { Knex } from "knex";

/** PostgreSQL's codes: the result of a prepared statement has other columns now, or the connection does not know it. */
const STALE_CODES: readonly unknown[] = ["0A000", "26000"];

/**
 * A statement of every turn, parsed and planned once a connection: that is a fifth of what a small batch costs the server. One
 * name, one text. A migration under a running node may change what a function answers; such a statement runs unprepared.
 * Inside a transaction too, where that could not be repaired.
 */
export async function runPrepared<Row>(
	db: Knex,
	{ name, sql }: { readonly name: string; readonly sql: string },
	bindings: readonly Knex.RawBinding[],
): Promise<readonly Row[]> {
	const query = (): Knex.Raw<{ rows: Row[] }> => db.raw<{ rows: Row[] }>(sql, bindings);
	if (db.isTransaction === true) return (await query()).rows;
	try {
		return (await query().options({ name })).rows;
	} catch (error) {
		if (!isStale(error)) throw error;
		return (await query()).rows;
	}
}

/** Both are told before anything is done, so the statement may run again. */
function isStale(error: unknown): boolean {
	return error instanceof Error && "code" in error && STALE_CODES.includes(error.code);
}
