import { createDb } from "../../../core/db/connect.ts";
import type { TestDb } from "../../../core/testing/create-test-db.ts";
import { createTestDb } from "../../../core/testing/create-test-db.ts";
import { createScratchDatabase } from "../../bench/scratch-database.ts";

/** Set-based statements over millions of instants take their time. */
const STATEMENT_TIMEOUT_MS = 300_000;

/**
 * A migrated database of the proof's own: under jest a copy of the run's template, else on the server TEST_DATABASE_URL
 * names or on an embedded one made for it. Never on DATABASE_URL: proofs break things.
 */
export async function createProofDatabase(options: { readonly poolMax?: number } = {}): Promise<TestDb> {
	if (process.env["TEST_DATABASE_TEMPLATE"] !== undefined) return await createTestDb(options);
	const scratch = await createScratchDatabase({ serverUrl: process.env["TEST_DATABASE_URL"] });
	const db = createDb(scratch.url, {
		poolMax: options.poolMax ?? 8,
		applicationName: "rockpool-proof",
		statementTimeoutMs: STATEMENT_TIMEOUT_MS,
	});
	return {
		db,
		url: scratch.url,
		destroy: async () => {
			await db.destroy();
			await scratch.destroy();
		},
	};
}
