import { createHash } from "node:crypto";
import type { InstanceContext } from "../../accounts/account.ts";
import { ASSISTANT_ID } from "../../agents/agent-profiles.ts";
import { AppError } from "../../errors.ts";
import { MICRO } from "../../ledger/ledger.ts";
import { ANSWER_TOKENS_MIN } from "../../models/choose-route.ts";
import { requireSubscription } from "../../plans/require-subscription.ts";
import { instanceTexts } from "../../texts/instances.ts";
import type { Text } from "../../texts/say.ts";
import { toAnswerReplies, toMemory } from "../answer-replies.ts";
import type { PipelineDeps } from "../pipeline-deps.ts";
import type { Turn } from "../turn.ts";
import { wakeInstance } from "../wake-instance.ts";
import type { Answered, Question } from "./ask-model.ts";
import type { Caller } from "./identify-sender.ts";

/** direct: a model is asked instead; `note`: what is said of that. */
export type Asked =
	| ({ readonly kind: "answered" } & Answered)
	| { readonly kind: "direct"; readonly note: Text | undefined };

const DIRECT: Asked = { kind: "direct", note: undefined };

/**
 * The account's own agent's turn, where it has one that is up. What it asks of models is charged by the gateway, so that the
 * turn itself costs nothing. One that sleeps is waked. Where it is not up, plans with a way round it are answered directly.
 *
 * @throws AppError BILLING_SUBSCRIPTION_INACTIVE, BILLING_QUOTA_EXCEEDED, INSTANCE_PROVISIONING; the signal's reason when the
 *   lease was lost
 */
export async function askInstance(
	deps: PipelineDeps,
	turn: Turn,
	caller: Caller,
	question: Question,
): Promise<Asked> {
	const { account } = caller;
	const { language } = account;
	let { instance } = account;
	if (instance === undefined || deps.instances === undefined) return DIRECT;
	const subscription = requireSubscription(account.subscription);
	if (subscription.instanceKind === "none") return DIRECT;
	if (instance.phase === "asleep") {
		await requireQuota(deps, account.accountId);
		instance = (await wakeInstance(deps.instances, turn, caller, instance)) ?? {
			...instance,
			phase: "starting",
		};
	}
	if (instance.phase !== "ready" && instance.phase !== "degraded") return goRound(caller, instance);
	await requireQuota(deps, account.accountId);
	const answer = await deps.instances.ask(
		{
			...{ instanceId: instance.instanceId, host: instance.host, generation: instance.generation },
			...{ agentId: account.agent?.agentId ?? ASSISTANT_ID, thread: toThread(caller), text: question.text },
		},
		turn.signal,
		(text) => turn.onText(text),
	);
	if (answer.kind === "away") {
		// What it could not pay for is no fault of its own.
		await requireQuota(deps, account.accountId);
		return { kind: "direct", note: instanceTexts.awayNote };
	}
	const replies = [
		...question.before,
		...toAnswerReplies(answer, language, instanceTexts),
		...question.after,
	];
	const memory = await toMemory(deps, question.text, answer.text);
	return {
		kind: "answered",
		outcome: {
			result: { replies, ...(answer.outcome === "stopped" && { stopped: true }) },
			settlements: [],
			usage: [],
			...(memory !== undefined && { memory }),
		},
		// The gateway has charged it already.
		chargedMicro: 0,
	};
}

function goRound({ account }: Caller, { phase }: InstanceContext): Asked {
	const isComing = phase === "none" || phase === "creating" || phase === "starting" || phase === "stopped";
	if (!isComing) return { kind: "direct", note: instanceTexts.awayNote };
	const { busyStrategy } = requireSubscription(account.subscription).caller;
	if (busyStrategy === "fallback" || busyStrategy === "custom_order") {
		return { kind: "direct", note: instanceTexts.comingNote };
	}
	throw new AppError("INSTANCE_PROVISIONING", `the instance is ${phase}`, {
		details: { reason: "instance-coming" },
	});
}

async function requireQuota(deps: PipelineDeps, accountId: string): Promise<void> {
	const { availableMicro, resetsAt, zone } = await deps.ledger.balance(accountId);
	if (availableMicro >= ANSWER_TOKENS_MIN * MICRO) return;
	throw new AppError("BILLING_QUOTA_EXCEEDED", "too little for any answer", {
		details: { zone, ...(resetsAt !== undefined && { resetsAt: resetsAt.toISOString() }) },
	});
}

/** The same for a chat until its conversation begins anew; says nothing of whose it is. */
function toThread({ lane, account }: Caller): string {
	const hash = createHash("sha256").update(`${lane}\n${account.conversationStartsAfter}`).digest("hex");
	return `rp-${hash.slice(0, 32)}`;
}
