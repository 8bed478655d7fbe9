import type { AppError } from "../errors.ts";
import type { Language, Reply } from "./message.ts";
import type { FailureContext } from "./render-failure.ts";
import { renderFailure } from "./render-failure.ts";
import type { DialogueWrite, TurnOutcome } from "./turn.ts";

/** Nothing to say and nothing to charge. */
export const SILENCE: TurnOutcome = { result: { replies: [] }, settlements: [], usage: [] };

export function toOutcome(replies: readonly Reply[], dialogues: readonly DialogueWrite[] = []): TurnOutcome {
	return { result: { replies }, settlements: [], usage: [], dialogues };
}

/** A failed turn is a turn: the user is told what happened and what to do, and nothing is charged. */
export function toFailure(error: AppError, language: Language, context: FailureContext): TurnOutcome {
	const { code, retryable, details } = error;
	const reply = renderFailure(error, language, context);
	return { result: { replies: [reply], error: { code, retryable, details } }, settlements: [], usage: [] };
}
