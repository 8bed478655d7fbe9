import type { Knex } from "knex";
import { breakFunction } from "./break-function.ts";

/** A node takes new lanes only once it is done with all it had. */
export async function claimInWaves(db: Knex): Promise<void> {
	const early = `if exists (select 1 from lanes l where l.owner = p_owner and l.lease_until > v_now) then return; end if;`;
	await breakFunction(
		db,
		"inbox_claim(uuid, text[], integer, integer, integer)",
		"begin\n",
		`begin\n\t\t${early}\n`,
	);
}
