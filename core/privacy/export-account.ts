import type { Knex } from "knex";
import { listAllSenders } from "../db/erasure.ts";
import { exportEvents, exportFacts, exportGatewayAnswers, exportMessages } from "../db/export.ts";

/**
 * Everything held about an account as indented JSON text, at most some 20 MB: sections of rows, each saying whether it is
 * complete. Times are ISO instants in UTC, tokens whole, charges in micro-tokens. Hashes of keys and codes are not in it.
 */
export async function exportAccount(db: Knex, accountId: string): Promise<string> {
	return await db.transaction(
		async (trx) => {
			const { rows } = await trx.raw<{ rows: { now: Date }[] }>("select now() as now");
			const senders = await listAllSenders(trx, accountId);
			const sections = {
				...(await exportFacts(trx, accountId)),
				messages: await exportMessages(trx, accountId),
				events: await exportEvents(trx, accountId, senders),
				gatewayAnswers: await exportGatewayAnswers(trx, accountId),
			};
			return JSON.stringify({ exportedAt: rows[0]?.now, accountId, ...sections }, undefined, "\t");
		},
		// One instant for all sections.
		{ isolationLevel: "repeatable read", readOnly: true },
	);
}
