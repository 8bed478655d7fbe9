import type { Random } from "./fake-random.ts";

/**
 * What goes wrong with one call.
 * drop-before: the connection dies, nothing happened. drop-after: it happened, and the connection dies without an answer.
 * error-after: it happened, and the caller reads a server error all the same. hang: no answer for so long.
 */
export type FakeFault =
	| { readonly kind: "rate-limit"; readonly retryAfterSeconds: number }
	| { readonly kind: "server-error"; readonly status?: number }
	| { readonly kind: "html-error"; readonly status?: number }
	| { readonly kind: "error-after"; readonly status?: number }
	| { readonly kind: "drop-before" }
	| { readonly kind: "drop-after" }
	| { readonly kind: "hang"; readonly ms: number }
	| { readonly kind: "refuse"; readonly status: number; readonly description: string };

/** Shares of the calls of `methods`, each in [0, 1]; their sum must not pass 1. */
export type FakeFaultRates = {
	readonly rateLimit?: number;
	readonly retryAfterSeconds?: number;
	readonly serverError?: number;
	readonly dropBefore?: number;
	readonly dropAfter?: number;
	/** Which calls they strike; all that say something to a person unless told. */
	readonly methods?: readonly string[];
};

export type FakeFaults = {
	rates: FakeFaultRates;
	/** Milliseconds every call takes. */
	latencyMs: number;
	/** The next `count` calls of a method go wrong, whatever the rates say. */
	failNext(method: string, fault: FakeFault, count?: number): void;
	/** The fault of this call, if it has one; takes it from the plan. */
	take(method: string, random: Random): FakeFault | undefined;
};

const SPEAKING_METHODS: readonly string[] = [
	"sendMessage",
	"editMessageText",
	"sendMessageDraft",
	"sendChatAction",
	"sendDocument",
	"answerCallbackQuery",
	"deleteMessage",
];

export function createFaults(): FakeFaults {
	const planned = new Map<string, FakeFault[]>();
	const faults: FakeFaults = {
		rates: {},
		latencyMs: 0,
		failNext(method, fault, count = 1) {
			const queue = planned.get(method) ?? [];
			for (let at = 0; at < count; at += 1) queue.push(fault);
			planned.set(method, queue);
		},
		take(method, random) {
			return planned.get(method)?.shift() ?? drawFault(faults.rates, method, random);
		},
	};
	return faults;
}

function drawFault(rates: FakeFaultRates, method: string, random: Random): FakeFault | undefined {
	const { rateLimit = 0, serverError = 0, dropBefore = 0, dropAfter = 0, retryAfterSeconds = 1 } = rates;
	if (rateLimit + serverError + dropBefore + dropAfter === 0) return undefined;
	if (!(rates.methods ?? SPEAKING_METHODS).includes(method)) return undefined;
	let drawn = random();
	drawn -= rateLimit;
	if (drawn < 0) return { kind: "rate-limit", retryAfterSeconds };
	drawn -= serverError;
	if (drawn < 0) return { kind: "server-error" };
	drawn -= dropBefore;
	if (drawn < 0) return { kind: "drop-before" };
	drawn -= dropAfter;
	return drawn < 0 ? { kind: "drop-after" } : undefined;
}
