import type { Knex } from "knex";

/**
 * The same database with one piece of SQL replaced wherever it occurs: a deliberately broken variant that a test of a safety
 * property must catch.
 */
export function mutateSql(db: Knex, from: string, to: string): Knex {
	return new Proxy(db, {
		get(target, name) {
			if (name === "raw") {
				return (sql: string, ...rest: [Knex.RawBinding[]]) => target.raw(sql.replaceAll(from, to), ...rest);
			}
			if (name === "transaction") {
				return async (work: (trx: Knex) => Promise<unknown>) =>
					await target.transaction(async (trx) => await work(mutateSql(trx, from, to)));
			}
			return Reflect.get(target, name);
		},
	});
}
