import type { Channel } from "../channels/channel.ts";
import type { LiveText } from "../outbox/live-text.ts";
import { toParts } from "../outbox/to-parts.ts";
import type { Inbound } from "../pipeline/message.ts";
import type { CheckpointOutcome } from "./checkpoint.ts";
import { findParts } from "./claim.ts";
import { crashPoint } from "./crash-point.ts";
import type { Decided } from "./decide-outcome.ts";
import { ATTEMPTS_MAX, decideOutcome, forgetCodes } from "./decide-outcome.ts";
import { deliverTurn } from "./deliver-turn.ts";
import { findLanguage } from "./find-language.ts";
import { toFollow } from "./follow.ts";
import { giveBack } from "./give-back.ts";
import type { HeldTurn } from "./leases.ts";
import { toNotice } from "./notice.ts";
import { toSilentDeadOutcome, toStoppedOutcome } from "./notices.ts";
import { openLiveText } from "./open-live-text.ts";
import { releaseHolds } from "./release-holds.ts";
import { holdsSecret } from "./secret-answers.ts";
import type { TurnDeps } from "./turn-deps.ts";

/** Two more tries are for telling the sender; if those die too, the event cannot even be read. */
const UNREADABLE_ATTEMPTS = ATTEMPTS_MAX + 2;
/** Another node may serve the bot; or it was taken out of the configuration, and its events wait for it. */
const NO_CHANNEL_DELAY_MS = 30_000;

/** Works on one claimed event as far as it goes. Never throws. True: the lane has more to do at once. */
export async function runTurn(deps: TurnDeps, turn: HeldTurn): Promise<boolean> {
	const { claim } = turn;
	try {
		crashPoint("after-claim");
		const channel = deps.channels.find(claim.platform, claim.botId);
		if (channel === undefined) {
			await deps.writeState(claim, { finish: "handback", delayMs: NO_CHANNEL_DELAY_MS });
			return false;
		}
		if (!claim.isCheckpointed && claim.attempts > UNREADABLE_ATTEMPTS) return await bury(deps, turn);
		const inbound = toNotice(claim) ?? toFollow(claim) ?? channel.toInbound(claim.body, claim);
		if (claim.isCheckpointed) {
			return await deliverTurn(deps, {
				turn,
				channel,
				inbound,
				parts: claim.parts,
				isFresh: false,
				calls: 0,
			});
		}
		return await answer(deps, turn, channel, inbound);
	} catch (error) {
		return await giveBack(deps, turn, error);
	} finally {
		deps.watchers.end(claim.inboxId);
	}
}

async function answer(deps: TurnDeps, turn: HeldTurn, channel: Channel, inbound: Inbound): Promise<boolean> {
	const { claim, controller } = turn;
	const live = openLiveText(deps, turn, channel, inbound);
	let decided: Decided;
	try {
		decided = await decideOutcome(deps, claim, inbound, async () => {
			return await deps.handle({
				inboxId: claim.inboxId,
				lane: claim.lane,
				attempt: claim.attempts,
				receivedAt: claim.receivedAt,
				inbound,
				body: claim.body,
				signal: controller.signal,
				onText(piece) {
					crashPoint("during-provider");
					live.push(piece);
				},
			});
		});
	} catch (error) {
		await live.close();
		// A model call that is stopped before its first word ends with the reason of the stop.
		if (error !== "stopped" || controller.signal.reason !== "stopped") throw error;
		decided = { outcome: toStoppedOutcome(await findLanguage(deps.db, inbound.sender)) };
	}
	return await commit(deps, {
		turn,
		channel,
		inbound,
		live,
		decided: await withVisibleEnd(deps, inbound, live, decided),
	});
}

type Committing = {
	readonly turn: HeldTurn;
	readonly channel: Channel;
	readonly inbound: Inbound;
	readonly live: LiveText;
	readonly decided: Decided;
};

/** Stores the answer and its charge, and delivers it. The preview ends while the database works. */
async function commit(deps: TurnDeps, work: Committing): Promise<boolean> {
	const { turn, channel, inbound, live, decided } = work;
	const { outcome } = decided;
	const parts = toParts(channel, outcome.result.replies);
	const closing = live.close();
	const [stored, { placeholderId, calls }] = await Promise.all([
		store(deps, work, parts).catch(async (error: unknown) => {
			await Promise.all([closing, releaseHolds(deps, outcome, error)]);
			throw error;
		}),
		closing,
	]);
	if (stored.kind === "fenced") {
		await releaseHolds(deps, outcome);
		return false;
	}
	deps.results.publish(turn.claim.inboxId, stored.result);
	if (stored.kind === "already") {
		const found = await findParts(deps.db, turn.claim.inboxId);
		return await deliverTurn(deps, { turn, channel, inbound, parts: found, isFresh: false, calls });
	}
	// A dead event can be sent again for as long as its words are kept, which is the job's to end.
	const isForgotten = holdsSecret(outcome) && decided.endsAs !== "dead";
	const delivery = {
		...{ turn, channel, inbound, calls, toast: outcome.toast },
		...{ isFresh: true, holdsSecret: isForgotten },
	};
	if (parts.length === 0)
		return await deliverTurn(deps, { ...delivery, parts: [], isEnded: true, isMore: stored.kind === "more" });
	const fresh = parts.map((part) => {
		const isPlaced = part.part === 0 && placeholderId !== undefined;
		const known = isPlaced
			? { state: "ph_sent" as const, messageId: placeholderId }
			: { messageId: undefined };
		return { attempts: 0, lastError: undefined, ...part, ...known };
	});
	if (fresh[0]?.state === "ph_sending") crashPoint("after-ph-sending");
	return await deliverTurn(deps, { ...delivery, parts: fresh });
}

async function store(
	deps: TurnDeps,
	{ turn, channel, inbound, decided }: Committing,
	parts: ReturnType<typeof toParts>,
): Promise<CheckpointOutcome> {
	const { claim } = turn;
	return await deps.checkpoint({
		hold: claim,
		outcome: decided.outcome,
		parts,
		...(decided.endsAs !== undefined && { endsAs: decided.endsAs }),
		isEnd: parts.length === 0,
		isAnnounced: !channel.capabilities.push && !deps.results.isAwaited(claim.inboxId),
		sender: inbound.sender,
	});
}

/** A placeholder that can be seen must become something, also when the turn has nothing to say. */
async function withVisibleEnd(
	deps: TurnDeps,
	inbound: Inbound,
	live: LiveText,
	decided: Decided,
): Promise<Decided> {
	const { outcome } = decided;
	if (outcome.result.replies.length > 0) return decided;
	await live.close();
	if (!live.mayHavePlaceholder()) return decided;
	const { replies } = toStoppedOutcome(await findLanguage(deps.db, inbound.sender)).result;
	return { ...decided, outcome: { ...outcome, result: { ...outcome.result, replies } } };
}

/** Gives an event up that nobody could even read. */
async function bury(deps: TurnDeps, turn: HeldTurn): Promise<boolean> {
	const { claim } = turn;
	const facts = { alert: "dead_letter_unreadable", inboxId: claim.inboxId, attempts: claim.attempts };
	deps.log.error(facts, "event given up without a word");
	const stored = await deps.checkpoint({
		hold: claim,
		outcome: forgetCodes(toSilentDeadOutcome(), claim.body),
		parts: [],
		endsAs: "dead",
		isEnd: true,
		isAnnounced: false,
		sender: undefined,
	});
	return stored.kind === "more";
}
