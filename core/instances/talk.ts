import { toAppError } from "../errors.ts";
import type { FinishReason, Provider, ProviderTimeouts } from "../providers/provider.ts";
import { toCellName } from "./cell.ts";
import type { InstanceSafe } from "./instance-secrets.ts";
import type { Runtime } from "./runtime.ts";

/** One message for an instance. */
export type InstanceQuestion = {
	readonly instanceId: string;
	readonly host: string;
	readonly generation: number;
	/** Which of its agents. */
	readonly agentId: string;
	/** What belongs together: the instance remembers it under this name. Nothing of a person is in it. */
	readonly thread: string;
	readonly text: string;
};

/** away: it was not reached, or broke off before its first word. cut: it broke off in the midst. */
export type InstanceAnswer =
	| {
			readonly kind: "answered";
			readonly outcome: "complete" | "length" | "cut" | "stopped";
			readonly text: string;
	  }
	| { readonly kind: "away"; readonly why: string };

/** The way of a message to an agent that lives in an instance. */
export type InstanceTalk = {
	/**
	 * Leaving by `signal` ends the agent's work too. What it asks of models on the way is charged by the gateway.
	 *
	 * @throws the signal's reason when it is aborted before the first word
	 */
	ask(
		question: InstanceQuestion,
		signal: AbortSignal,
		onText: (text: string) => void,
	): Promise<InstanceAnswer>;
};

export type TalkDeps = {
	/** By host: those this node reaches. */
	readonly runtimes: ReadonlyMap<string, Pick<Runtime, "address">>;
	readonly safe: Pick<InstanceSafe, "open">;
	/** Speaks what instances speak. */
	readonly provider: Pick<Provider, "stream">;
};

/** An agent may use tools for minutes before it says a word. */
const TIMEOUTS: ProviderTimeouts = {
	connectMs: 2_000,
	firstByteMs: 180_000,
	idleMs: 300_000,
	totalMs: 900_000,
};
const ANSWER_TOKENS_MAX = 8_192;

export function createInstanceTalk({ runtimes, safe, provider }: TalkDeps): InstanceTalk {
	return {
		async ask(question, signal, onText) {
			const { instanceId, host, generation, agentId, thread } = question;
			const address = await runtimes
				.get(host)
				?.address(toCellName(instanceId, generation))
				.catch(() => undefined);
			if (address === undefined) return { kind: "away", why: "it does not run where it could be reached" };
			const { token } = await safe.open(instanceId);
			const endpoint = {
				providerId: "instance",
				baseUrl: `http://${address.host}:${address.port}/v1`,
				apiKey: token,
				allowPrivateNetwork: true,
				timeouts: TIMEOUTS,
			};
			const request = {
				model: `openclaw/${agentId}`,
				messages: [{ role: "user" as const, content: question.text }],
				maxOutputTokens: ANSWER_TOKENS_MAX,
				userTag: thread,
			};
			return await collect(provider.stream(endpoint, request, signal), signal, onText);
		},
	};
}

async function collect(
	events: ReturnType<Provider["stream"]>,
	signal: AbortSignal,
	onText: (text: string) => void,
): Promise<InstanceAnswer> {
	let text = "";
	try {
		for await (const event of events) {
			if (event.kind === "end") return { kind: "answered", outcome: toOutcome(event.finishReason), text };
			text += event.text;
			onText(event.text);
		}
	} catch (error) {
		// A lost lease: whoever has the turn now asks anew.
		if (signal.aborted && (signal.reason !== "stopped" || text === "")) throw signal.reason;
		if (signal.aborted) return { kind: "answered", outcome: "stopped", text };
		if (text === "") return { kind: "away", why: toAppError(error).message };
	}
	return { kind: "answered", outcome: "cut", text };
}

function toOutcome(reason: FinishReason): "complete" | "length" | "cut" {
	return reason === "cut" || reason === "length" ? reason : "complete";
}
