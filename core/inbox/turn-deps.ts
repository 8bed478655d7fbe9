import type { Knex } from "knex";
import type { ChannelBook } from "../channels/channel-book.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Cooldown } from "../outbox/cooldown.ts";
import type { WriteState } from "../outbox/part.ts";
import type { Turn, TurnOutcome } from "../pipeline/turn.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { FlowLog } from "./flow-log.ts";
import type { Leases } from "./leases.ts";
import type { Results } from "./results.ts";
import type { Watchers } from "./watchers.ts";

/** What working on one event needs. */
export type TurnDeps = {
	readonly db: Knex;
	readonly channels: ChannelBook;
	readonly leases: Leases;
	readonly writeState: WriteState;
	readonly checkpoint: Checkpoint;
	readonly ledger: Pick<Ledger, "settle">;
	readonly cooldown: Cooldown;
	readonly results: Results;
	readonly watchers: Watchers;
	readonly log: FlowLog;
	/** The pipeline. Failures a user should read are outcomes; what it throws is tried again. */
	handle(turn: Turn): Promise<TurnOutcome>;
};
