import type { Knex } from "knex";
import { breakFunction } from "./break-function.ts";

/** Whatever was under way when a process ended is tried again all together. */
export async function crowdSuspects(db: Knex): Promise<void> {
	await breakFunction(
		db,
		"inbox_claim(uuid, text[], integer, integer, integer)",
		"s.total > p_suspicion",
		"s.total is null",
	);
}
