import type { Channel } from "../../../core/channels/channel.ts";
import type { Core, InboundEvent } from "../../../core/core.ts";
import type { Inbound, TurnResult } from "../../../core/pipeline/message.ts";

/** What the next turn does, step by step. */
export type ScriptedTurn = {
	/** Texts so far, shown while the answer grows. */
	readonly drafts?: readonly string[];
	readonly result: TurnResult;
	/** Waits for this before it ends. */
	readonly until?: Promise<unknown>;
	/** False: the answer is stored but never delivered. */
	readonly isDelivered?: boolean;
};

export type ScriptedCore = Pick<Core, "accept" | "waitForResult" | "requestStop"> & {
	readonly inbounds: readonly Inbound[];
	readonly events: readonly InboundEvent[];
	readonly stopped: readonly string[];
	/** The text of each message as core saw it; actions as "!data". */
	said(): readonly string[];
	failAccept: boolean;
};

/** A core that stores nothing and answers by script through the channel, in the order and with the timing of the real one. */
export function createScriptedCore(
	channel: Channel,
	script: (text: string, inboxId: string) => ScriptedTurn,
): ScriptedCore {
	const inbounds: Inbound[] = [];
	const events: InboundEvent[] = [];
	const stopped: string[] = [];
	const results = new Map<string, Promise<TurnResult>>();
	let turns: Promise<unknown> = Promise.resolve();

	async function play(inbound: Inbound, inboxId: string): Promise<TurnResult> {
		const turn = script(toText(inbound), inboxId);
		await channel.typing(inbound.chat);
		for (const text of turn.drafts ?? []) {
			await channel.draft(inbound.chat, 1, text);
			await new Promise((resolve) => setImmediate(resolve));
		}
		await turn.until;
		// The result is known to whoever waits before its delivery begins.
		if (turn.isDelivered !== false) setImmediate(() => void deliver(inbound, turn.result));
		return turn.result;
	}

	async function deliver(inbound: Inbound, result: TurnResult): Promise<void> {
		for (const reply of result.replies) {
			for (const part of channel.render(reply)) await channel.send(inbound.chat, part, {});
		}
	}

	return {
		inbounds,
		events,
		stopped,
		failAccept: false,
		said: () => inbounds.map(toText),
		async accept(event) {
			await new Promise((resolve) => setImmediate(resolve));
			if (this.failAccept) throw new Error("the database is away");
			const inboxId = String(events.length + 1);
			events.push(event);
			const inbound = channel.toInbound(JSON.parse(event.bodyJson), event);
			inbounds.push(inbound);
			const isFast = event.lane.endsWith("#fast");
			const result = isFast ? play(inbound, inboxId) : turns.then(async () => await play(inbound, inboxId));
			if (!isFast) turns = result;
			results.set(inboxId, result);
			return { kind: "new", inboxId };
		},
		async waitForResult(inboxId, signal) {
			const aborted = new Promise<undefined>((resolve) => {
				signal.addEventListener("abort", () => resolve(undefined), { once: true });
				if (signal.aborted) resolve(undefined);
			});
			return await Promise.race([results.get(inboxId), aborted]);
		},
		async requestStop(inboxId) {
			stopped.push(inboxId);
		},
	};
}

function toText({ content }: Inbound): string {
	if (content.kind === "text") return content.text;
	return content.kind === "action" ? `!${content.data}` : content.kind;
}
