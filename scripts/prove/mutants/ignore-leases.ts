import type { Knex } from "knex";
import { breakFunction } from "./break-function.ts";

/** A lane that has work is claimed whoever works on it: nothing locks it but the statement. */
export async function ignoreLeases(db: Knex): Promise<void> {
	await breakFunction(
		db,
		"inbox_claim(uuid, text[], integer, integer, integer)",
		"and l.next_at <= v_now and l.lease_until < v_now",
		"and l.next_at <= v_now",
	);
}
