import { setTimeout as sleep } from "node:timers/promises";
import type { AppError } from "../errors.ts";
import type {
	FinishReason,
	Provider,
	ProviderEndpoint,
	ProviderEvent,
	ProviderRequest,
	ProviderUsage,
} from "../providers/provider.ts";

/** What a scripted provider does with one call. */
export type ScriptedAnswer = {
	/** Default: one piece, "ok". */
	readonly pieces?: readonly string[];
	/** Before each piece, in milliseconds. */
	readonly gapMs?: number;
	readonly finishReason?: FinishReason;
	readonly usage?: ProviderUsage;
	/** Thrown after the pieces. */
	readonly error?: AppError;
	/** Waits here, after the pieces, until the call is aborted or this resolves. */
	readonly until?: Promise<unknown>;
};

export type ScriptedProvider = Provider & {
	readonly calls: readonly { readonly endpoint: ProviderEndpoint; readonly request: ProviderRequest }[];
	/** Calls that run now. */
	running(): number;
};

/** An adapter that does what the test says, without a network. */
export function createScriptedProvider(
	answer: ScriptedAnswer | ((request: ProviderRequest, endpoint: ProviderEndpoint) => ScriptedAnswer) = {},
	dialect = "openai",
): ScriptedProvider {
	const calls: { endpoint: ProviderEndpoint; request: ProviderRequest }[] = [];
	let running = 0;
	return {
		dialect,
		calls,
		running: () => running,
		async *stream(endpoint, request, signal) {
			calls.push({ endpoint, request });
			running += 1;
			try {
				const script = typeof answer === "function" ? answer(request, endpoint) : answer;
				for (const text of script.pieces ?? ["ok"]) {
					if (script.gapMs !== undefined) await sleep(script.gapMs);
					signal.throwIfAborted();
					yield { kind: "text", text };
				}
				if (script.until !== undefined) await Promise.race([script.until, aborted(signal)]);
				signal.throwIfAborted();
				if (script.error !== undefined) throw script.error;
				yield toEnd(script);
			} finally {
				running -= 1;
			}
		},
	};
}

function toEnd({ usage, finishReason = "stop" }: ScriptedAnswer): ProviderEvent {
	return usage === undefined ? { kind: "end", finishReason } : { kind: "end", finishReason, usage };
}

async function aborted(signal: AbortSignal): Promise<void> {
	if (signal.aborted) return;
	await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
