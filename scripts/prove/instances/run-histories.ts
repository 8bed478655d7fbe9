import { createDb } from "../../../core/db/connect.ts";
import { runHistory } from "./history.ts";

/** Of one process: its histories, one after the other; each one's outcome is a line of JSON on standard output. */
export type HistoriesRun = {
	readonly url: string;
	readonly firstSeed: number;
	readonly step: number;
	readonly lastSeed: number;
	/** Unix ms; no history begins after it. */
	readonly endsAtMs: number | undefined;
};

const { url, firstSeed, step, lastSeed, endsAtMs } = JSON.parse(process.argv[2] ?? "{}") as HistoriesRun;
const db = createDb(url, { poolMax: 4, applicationName: "rockpool-proof-reconciler" });
for (let seed = firstSeed; seed <= lastSeed; seed += step) {
	if (endsAtMs !== undefined && Date.now() >= endsAtMs) break;
	console.log(JSON.stringify(await runHistory(db, seed)));
}
await db.destroy();
