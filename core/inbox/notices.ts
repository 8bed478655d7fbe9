import type { ErrorCode } from "../errors.ts";
import type { Language, Reply, TurnResult } from "../pipeline/message.ts";
import type { TurnOutcome } from "../pipeline/turn.ts";
import { deliveryTexts } from "../texts/delivery.ts";
import { say } from "../texts/say.ts";

const HOUR_MS = 3_600_000;

/** The turn failed each time it was tried; one tap queues it again. */
export function toDeadOutcome(inboxId: string, language: Language): TurnOutcome {
	const button = { label: say(deliveryTexts.resend, language), data: `resend:${inboxId}` };
	return failed("INTERNAL", { markdown: say(deliveryTexts.dead, language), buttons: [[button]] });
}

/** The turn kills whoever reads it, so it is not even read to tell its sender. */
export function toSilentDeadOutcome(): TurnOutcome {
	return failed("INTERNAL");
}

/** The user stopped the turn before it said anything. */
export function toStoppedOutcome(language: Language): TurnOutcome {
	const replies = [{ markdown: say(deliveryTexts.stopped, language) }];
	return { result: { replies, stopped: true }, settlements: [], usage: [] };
}

/** Stands for all events of a burst that found the lane full. */
export function toOverflowOutcome(language: Language): TurnOutcome {
	return failed("RATE_LIMITED", { markdown: say(deliveryTexts.overflow, language) });
}

/** Stands for all events of a lane that waited too long behind each other. */
export function toBacklogOutcome(language: Language, kept: number): TurnOutcome {
	return failed("RATE_LIMITED", { markdown: say(deliveryTexts.backlog, language, { count: kept }) });
}

/** Says first that the answer is late. */
export function withLatePrefix(result: TurnResult, ageMs: number, language: Language): TurnResult {
	const [first, ...rest] = result.replies;
	if (first === undefined) return result;
	const hours = Math.max(1, Math.round(ageMs / HOUR_MS));
	const prefix = say(deliveryTexts.lateHours, language, { hours });
	return { ...result, replies: [{ ...first, markdown: `${prefix}\n\n${first.markdown}` }, ...rest] };
}

function failed(code: ErrorCode, ...replies: readonly Reply[]): TurnOutcome {
	return { result: { replies, error: { code, retryable: true } }, settlements: [], usage: [] };
}
