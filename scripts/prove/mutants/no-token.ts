import type { Knex } from "knex";
import { breakFunction } from "./break-function.ts";

/** Whoever ever held a lane may write to it. */
export async function forgetTokens(db: Knex): Promise<void> {
	await breakFunction(
		db,
		"lanes_held(jsonb)",
		"and l.token = x.token and l.lease_until > clock_timestamp()",
		"",
	);
}
