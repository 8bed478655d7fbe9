import type { Api } from "grammy";
import { GrammyError } from "grammy";
import type { Core, InboundEvent } from "../../../core/core.ts";
import type { TelegramLog } from "../telegram-log.ts";
import { ALLOWED_UPDATES } from "./allowed-updates.ts";
import { keepTrying, pause, pauseMs, whyOf } from "./keep-trying.ts";
import type { IsIgnored } from "./update-event.ts";
import { toEvent } from "./update-event.ts";

export type PollingOptions = {
	readonly core: Pick<Core, "accept">;
	readonly api: Api;
	readonly botId: string;
	readonly toStorableJson: (raw: string) => string;
	/** As of the webhook. */
	readonly isIgnored?: IsIgnored;
	readonly log: TelegramLog;
	/** How long Telegram holds an empty answer back. */
	readonly timeoutSeconds?: number;
	/** First pause after a failure. */
	readonly backOffBaseMs?: number;
};

export type Poller = {
	/** Ends the poll under way; waits, for a bounded time, until what was fetched is stored. */
	stop(): Promise<void>;
};

const UPDATES_MAX = 100;
const BACK_OFF_MAX_MS = 15_000;
const STOP_TIMEOUT_MS = 5000;

/**
 * Fetches updates for as long as it lives. The next offset, which makes Telegram forget, is asked for only after the COMMIT of
 * everything before it. A second poller of the same bot (409) is waited out, so a standby node takes over by itself.
 */
export function startPolling(options: PollingOptions): Poller {
	const aborter = new AbortController();
	const loop = poll(options, aborter.signal).catch((error: unknown) => {
		options.log.error({ botId: options.botId, why: whyOf(error) }, "polling ended");
	});
	return {
		async stop() {
			aborter.abort();
			const late = new AbortController();
			await Promise.race([loop, pause(STOP_TIMEOUT_MS, late.signal)]);
			late.abort();
		},
	};
}

async function poll(options: PollingOptions, signal: AbortSignal): Promise<void> {
	const { api, botId, log, timeoutSeconds = 30, backOffBaseMs = 500 } = options;
	const patience = { baseMs: backOffBaseMs, maxMs: BACK_OFF_MAX_MS };
	await keepTrying(async () => await api.deleteWebhook(), `bot ${botId}: deleteWebhook`, log, {
		...patience,
		signal,
	});
	let offset: number | undefined;
	let failures = 0;
	while (!signal.aborted) {
		try {
			const updates = await api.getUpdates(
				{
					...(offset !== undefined && { offset }),
					limit: UPDATES_MAX,
					timeout: timeoutSeconds,
					allowed_updates: ALLOWED_UPDATES,
				},
				// grammY names the type of a polyfill.
				signal as unknown as Parameters<Api["getUpdates"]>[1],
			);
			await acceptAll(updates, options);
			offset = nextOffset(updates, offset);
			failures = 0;
		} catch (error) {
			if (signal.aborted) return;
			report(error, failures, options);
			await pause(pauseMs(error, failures, patience), signal);
			failures += 1;
		}
	}
}

/** Lanes side by side, the updates of one lane one after the other, so that they stay in order. */
async function acceptAll(updates: readonly unknown[], options: PollingOptions): Promise<void> {
	const lanes = new Map<string, InboundEvent[]>();
	for (const update of updates) {
		const { botId, toStorableJson, isIgnored } = options;
		const { isQuarantined, ...event } = toEvent(update, botId, toStorableJson, isIgnored);
		if (isQuarantined) {
			options.log.warn(
				{ botId: options.botId, eventId: event.eventId },
				"an update without a usable id is quarantined",
			);
		}
		const lane = lanes.get(event.lane);
		if (lane === undefined) lanes.set(event.lane, [event]);
		else lane.push(event);
	}
	await Promise.all(
		[...lanes.values()].map(async (events) => {
			for (const event of events) await options.core.accept(event);
		}),
	);
}

/** @throws Error when nothing of a batch can be confirmed: asking again at once would never end */
function nextOffset(
	updates: readonly { readonly update_id: number }[],
	offset: number | undefined,
): number | undefined {
	if (updates.length === 0) return offset;
	const ids = updates.map(({ update_id }) => update_id).filter(Number.isSafeInteger);
	if (ids.length === 0) throw new Error("updates without usable ids");
	return Math.max(...ids) + 1;
}

function report(error: unknown, failures: number, { botId, log }: PollingOptions): void {
	const facts = { botId, why: whyOf(error) };
	if (error instanceof GrammyError && error.error_code === 409) {
		log.warn(facts, "somebody else polls this bot or has set a webhook for it");
	} else if (failures === 0) log.warn(facts, "polling failed, trying again");
}
