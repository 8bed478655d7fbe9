import { createDb } from "../../../core/db/connect.ts";
import { createTestDb } from "../../../core/testing/create-test-db.ts";
import type { LedgerWorld } from "../../../core/testing/ledger-world.ts";
import { toLedgerWorld } from "../../../core/testing/ledger-world.ts";
import { createScratchCluster } from "../testing/scratch-cluster.ts";

export type LedgerPlace = {
	readonly world: LedgerWorld;
	/** SIGKILL for the server, which then recovers; undefined where it is not ours to kill. */
	readonly killServer: (() => Promise<void>) | undefined;
};

/** A ledger on a server of its own; under jest a database of its own on the server of the run. settings: the server's. */
export async function openLedgerPlace(settings: Readonly<Record<string, string>>): Promise<LedgerPlace> {
	if (process.env["TEST_DATABASE_TEMPLATE"] !== undefined) {
		return { world: await toLedgerWorld(await createTestDb()), killServer: undefined };
	}
	const cluster = await createScratchCluster(settings);
	const db = createDb(cluster.url, { poolMax: 4, applicationName: "rockpool-proof" });
	const world = await toLedgerWorld({
		db,
		url: cluster.url,
		destroy: async () => {
			await db.destroy();
			await cluster.destroy();
		},
	});
	return {
		world,
		killServer: async () => {
			await cluster.kill();
			await cluster.restart();
		},
	};
}
