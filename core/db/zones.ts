import type { Knex } from "knex";

/** Zones an account may have: the names the ledger knows, in the order of the alphabet. */
export async function listZones(db: Knex): Promise<readonly string[]> {
	const { rows } = await db.raw<{ rows: { name: string }[] }>("select name from ledger_zones order by name");
	return rows.map(({ name }) => name);
}
