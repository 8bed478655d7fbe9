import type { Knex } from "knex";
import type { AcceptOutcome, InboundEvent } from "../core.ts";
import { createBatcher } from "../db/batcher.ts";
import { runPrepared } from "../db/run-prepared.ts";
import { crashPoint, crashSoon } from "./crash-point.ts";
import type { FlowLog } from "./flow-log.ts";
import { isBadData, isDatabaseTrouble, isRetryable } from "./pg-trouble.ts";

export type Inbox = {
	/** As Core.accept. @throws what the database throws; the channel must not acknowledge then. */
	accept(event: InboundEvent): Promise<AcceptOutcome>;
};

export type InboxOptions = {
	readonly db: Knex;
	readonly log: FlowLog;
	/** The worker of this node. Other nodes are notified only while it has no room. */
	readonly worker?: { hasRoom(): boolean; kick(): void };
};

const ITEMS_MAX = 200;
/** Batches under way at a time. A lane always goes the same way, so that its events stay in order. */
const WAYS = 2;
const RETRIES_MAX = 3;
const EXCERPT_LENGTH = 2_000;
/** By then a channel has acknowledged. */
const ACKNOWLEDGE_MS = 20;

/** Stores events, many in one statement. An event PostgreSQL cannot store is kept as an excerpt, which no channel can read. */
export function createInbox({ db, log, worker }: InboxOptions): Inbox {
	const ways = Array.from({ length: WAYS }, () =>
		createBatcher({
			itemsMax: ITEMS_MAX,
			isItemFault: (error) => !isDatabaseTrouble(error),
			run: async (events: readonly InboundEvent[]) => {
				crashPoint("before-accept-commit");
				const outcomes = await retry(async () => await acceptAll(db, events, worker?.hasRoom() !== true));
				crashPoint("after-accept-commit");
				worker?.kick();
				return outcomes;
			},
		}),
	);

	async function accept(event: InboundEvent): Promise<AcceptOutcome> {
		const way = ways[wayOf(event.lane)] ?? ways[0];
		if (way === undefined) throw new Error("no way to accept");
		const outcome = await way(event).catch(async (error: unknown) => {
			if (!isBadData(error)) throw error;
			log.error(
				{ err: error, platform: event.platform, eventId: event.eventId },
				"unstorable event kept as excerpt",
			);
			return await way({ ...event, bodyJson: toExcerpt(event.bodyJson) });
		});
		if (outcome.kind === "conflict") {
			const facts = {
				alert: "event_id_conflict",
				platform: event.platform,
				botId: event.botId,
				eventId: event.eventId,
			};
			log.error(
				{ ...facts, inboxId: outcome.inboxId },
				"event id seen with another body: ids were reset, or it is forged",
			);
		}
		crashSoon("after-acknowledge", ACKNOWLEDGE_MS);
		return outcome;
	}

	return { accept };
}

async function acceptAll(
	db: Knex,
	events: readonly InboundEvent[],
	isNotified: boolean,
): Promise<readonly AcceptOutcome[]> {
	const [row] = await runPrepared<{ kinds: AcceptOutcome["kind"][] | null; ids: string[] }>(
		db,
		{ name: "inbox_accept", sql: "select * from inbox_accept(?, ?, ?, ?, ?, ?, ?, ?)" },
		[
			events.map((event) => event.platform),
			events.map((event) => event.botId),
			events.map((event) => event.eventId),
			events.map((event) => event.lane),
			events.map((event) => event.bodyJson),
			events.map((event) => event.queueMax),
			isNotified,
			events.map(({ bodyHash = "" }) => bodyHash),
		],
	);
	if (row === undefined) throw new Error("inbox_accept answered nothing");
	return row.ids.map((inboxId, index) => ({ kind: row.kinds?.[index] ?? "new", inboxId }));
}

async function retry<Result>(work: () => Promise<Result>): Promise<Result> {
	for (let tries = 1; ; tries += 1) {
		try {
			return await work();
		} catch (error) {
			if (!isRetryable(error) || tries >= RETRIES_MAX) throw error;
		}
	}
}

/** Any spread will do; lanes differ in their last characters. */
function wayOf(lane: string): number {
	return (lane.charCodeAt(lane.length - 1) + lane.charCodeAt(lane.length - 2)) % WAYS;
}

function toExcerpt(bodyJson: string): string {
	const excerpt = bodyJson.slice(0, EXCERPT_LENGTH).toWellFormed().replaceAll("\0", "\ufffd");
	return JSON.stringify({ unstorable: excerpt });
}
