import { buildSystemPrompt } from "../../agents/system-prompt.ts";
import { MICRO } from "../../ledger/ledger.ts";
import type { ModelCallResult } from "../../models/model-call.ts";
import { requireSubscription } from "../../plans/require-subscription.ts";
import type { ChatMessage } from "../../providers/provider.ts";
import { pipelineTexts } from "../../texts/pipeline.ts";
import { say } from "../../texts/say.ts";
import { toAnswerReplies, toMemory } from "../answer-replies.ts";
import type { Reply } from "../message.ts";
import { toOutcome } from "../outcomes.ts";
import type { PipelineDeps } from "../pipeline-deps.ts";
import type { Turn, TurnOutcome } from "../turn.ts";
import type { Caller } from "./identify-sender.ts";

export type Question = {
	readonly text: string;
	/** Said after the answer: offers, a welcome. */
	readonly after: readonly Reply[];
	/** Said before it. */
	readonly before: readonly Reply[];
};

/** chargedMicro: what the answer costs and is not in the account's balance yet. */
export type Answered = { readonly outcome: TurnOutcome; readonly chargedMicro: number };

/**
 * The model's turn: subscription, history, one metered call, and what to commit with its answer.
 *
 * @throws AppError BILLING_SUBSCRIPTION_INACTIVE, BILLING_QUOTA_EXCEEDED, ROUTER_*; the signal's reason when the lease was lost
 */
export async function askModel(
	deps: PipelineDeps,
	turn: Turn,
	caller: Caller,
	question: Question,
): Promise<Answered> {
	const { account } = caller;
	requireSubscription(account.subscription);
	const messages = await toMessages(deps, caller, question.text);
	let result: ModelCallResult;
	try {
		result = await callModel(deps, turn, caller, messages);
	} catch (error) {
		if (!isStop(turn.signal)) throw error;
		const reply = { markdown: say(pipelineTexts.stoppedBeforeText, account.language) };
		const outcome = toOutcome([reply]);
		return { outcome: { ...outcome, result: { ...outcome.result, stopped: true } }, chargedMicro: 0 };
	}
	const replies = [...question.before, ...toAnswerReplies(result, account.language), ...question.after];
	return {
		outcome: await toAnswer(deps, result, replies, question.text),
		chargedMicro: result.usage.chargedMicro,
	};
}

async function callModel(
	deps: PipelineDeps,
	turn: Turn,
	caller: Caller,
	messages: readonly ChatMessage[],
): Promise<ModelCallResult> {
	const { account, chat } = caller;
	const request = {
		accountId: account.accountId,
		callId: `${turn.inboxId}:${turn.attempt}`,
		inboxId: turn.inboxId,
		channel: chat.platform,
		source: "chat" as const,
		...(account.agent !== undefined && { agentId: account.agent.agentId }),
		plan: requireSubscription(account.subscription).caller,
		policy: turn.inbound.policy ?? account.policy,
		routeOrder: account.routeOrder,
		messages,
		outputTokensMax: deps.settings.outputTokensMax,
	};
	return await deps.models.call(request, turn.signal, { onText: (text) => turn.onText(text) });
}

async function toMessages(deps: PipelineDeps, caller: Caller, text: string): Promise<readonly ChatMessage[]> {
	const { account, lane } = caller;
	const [catalog, history] = await Promise.all([
		deps.loadCatalog(),
		deps.loadHistory({
			lane,
			accountId: account.accountId,
			startsAfter: account.conversationStartsAfter,
			tokensMax: deps.settings.historyTokensMax,
		}),
	]);
	return [
		{ role: "system", content: buildSystemPrompt(account.agent, catalog, account.language) },
		...history.map(({ role, content }) => ({ role, content })),
		{ role: "user", content: text },
	];
}

/** A fenced turn is nobody's any more: its error goes on to the worker, which discards it. */
function isStop(signal: AbortSignal): boolean {
	return signal.aborted && signal.reason === "stopped";
}

async function toAnswer(
	deps: PipelineDeps,
	result: ModelCallResult,
	replies: readonly Reply[],
	text: string,
): Promise<TurnOutcome> {
	const { usage, route } = result;
	const memory = await toMemory(deps, text, result.text);
	return {
		result: {
			replies,
			usage: {
				inputTokens: usage.inputTokens,
				outputTokens: usage.outputTokens,
				chargedTokens: Math.ceil(usage.chargedMicro / MICRO),
			},
			route: { provider: route.provider, model: route.model },
			...(result.outcome === "stopped" && { stopped: true }),
		},
		settlements: [result.settlement],
		usage: [usage],
		...(memory !== undefined && { memory }),
	};
}
