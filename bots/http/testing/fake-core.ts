import { createHash } from "node:crypto";
import type { AcceptOutcome, Core, InboundEvent } from "../../../core/core.ts";
import { AppError } from "../../../core/errors.ts";
import { NO_INSTANCES } from "../../../core/instances/testing/no-instances.ts";
import type { TurnResult } from "../../../core/pipeline/message.ts";

export const GOOD_KEY = "ocg_12345678_good-key-of-account-one";
export const OTHER_KEY = "ocg_87654321_good-key-of-account-two";

/** A Core in memory: keeps the promises of the door (idempotent accept, results, stop) and records what was asked. */
export type FakeCore = Core & {
	readonly events: readonly (InboundEvent & { readonly inboxId: string })[];
	readonly stopped: readonly string[];
	readonly askedKeys: readonly string[];
	/** How the next and all later calls behave. */
	readonly behaviour: {
		ready: boolean;
		failAccept: Error | undefined;
		hangAccept: boolean;
		laneFull: boolean;
		/** GOOD_KEY works no more. */
		keyRevoked: boolean;
		/** Answers at once when set; else call `finish`. */
		answer: ((event: InboundEvent) => TurnResult) | undefined;
	};
	/** Shows the text so far to whoever watches. */
	grow(inboxId: string, textSoFar: string): void;
	finish(inboxId: string, result: TurnResult): void;
	watchers(): number;
};

export function createFakeCore(): FakeCore {
	const events: (InboundEvent & { inboxId: string })[] = [];
	const results = new Map<string, TurnResult>();
	const waiters = new Map<string, Set<() => void>>();
	const watching = new Map<string, Set<(text: string) => void>>();
	const stopped: string[] = [];
	const askedKeys: string[] = [];
	const behaviour: FakeCore["behaviour"] = {
		ready: true,
		failAccept: undefined,
		hangAccept: false,
		laneFull: false,
		keyRevoked: false,
		answer: (event) => ({ replies: [{ markdown: `echo ${JSON.parse(event.bodyJson).message}` }] }),
	};

	function finish(inboxId: string, result: TurnResult): void {
		results.set(inboxId, result);
		for (const wake of waiters.get(inboxId) ?? []) wake();
	}

	async function accept(event: InboundEvent): Promise<AcceptOutcome> {
		if (behaviour.hangAccept) await new Promise<never>(() => {});
		await new Promise((resolve) => setImmediate(resolve));
		if (behaviour.failAccept !== undefined) throw behaviour.failAccept;
		const seen = events.find((it) => it.eventId === event.eventId);
		if (seen !== undefined) return toRepeated(seen, event);
		const inboxId = String(events.length + 1);
		events.push({ ...event, inboxId });
		if (behaviour.laneFull) return { kind: "refused", inboxId };
		if (behaviour.answer !== undefined) finish(inboxId, behaviour.answer(event));
		return { kind: "new", inboxId };
	}

	return {
		events,
		stopped,
		askedKeys,
		behaviour,
		accept,
		finish,
		async waitForResult(inboxId, signal) {
			const found = results.get(inboxId);
			if (found !== undefined || signal.aborted) return found;
			const set = waiters.get(inboxId) ?? new Set();
			waiters.set(inboxId, set);
			await new Promise<void>((resolve) => {
				set.add(resolve);
				signal.addEventListener("abort", () => resolve(), { once: true });
			});
			return results.get(inboxId);
		},
		watchText(inboxId, onText) {
			const set = watching.get(inboxId) ?? new Set();
			watching.set(inboxId, set.add(onText));
			return () => {
				set.delete(onText);
			};
		},
		grow(inboxId, textSoFar) {
			for (const onText of watching.get(inboxId) ?? []) onText(textSoFar);
		},
		watchers: () => [...watching.values()].reduce((sum, set) => sum + set.size, 0),
		async requestStop(inboxId) {
			stopped.push(inboxId);
		},
		async authenticateKey(key) {
			askedKeys.push(key);
			if (key === GOOD_KEY && !behaviour.keyRevoked) return { accountId: "account-1", keyId: "key-1" };
			if (key === OTHER_KEY) return { accountId: "account-2", keyId: "key-2" };
			throw new AppError("AUTH_INVALID_CREDENTIALS", "unknown key");
		},
		async readUsage() {
			throw new Error("kept by a real core only");
		},
		instances: NO_INSTANCES,
		isReady: async () => behaviour.ready,
	};
}

function toRepeated(seen: InboundEvent & { inboxId: string }, event: InboundEvent): AcceptOutcome {
	if (hash(seen.bodyJson) !== hash(event.bodyJson)) return { kind: "conflict", inboxId: "-1" };
	return { kind: "duplicate", inboxId: seen.inboxId };
}

function hash(text: string): string {
	return createHash("sha256").update(text).digest("hex");
}
