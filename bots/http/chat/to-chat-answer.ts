import { AppError } from "../../../core/errors.ts";
import type { Reply, TurnResult } from "../../../core/pipeline/message.ts";

export type ChatAnswer = {
	/** Id of the message; support can look it up. */
	readonly id: string;
	readonly conversation: string;
	/** All replies as one Markdown text. */
	readonly message: string;
	readonly replies: readonly ChatReply[];
	/** Whole tokens; zeros when no model was asked. */
	readonly usage: {
		readonly inputTokens: number;
		readonly outputTokens: number;
		readonly chargedTokens: number;
	};
	readonly stopped?: true;
};

export type ChatReply = {
	readonly markdown: string;
	/** What may be answered by sending one of these as the next message. */
	readonly choices?: readonly string[];
	readonly attachment?: { readonly filename: string; readonly text: string };
};

const NO_USAGE = { inputTokens: 0, outputTokens: 0, chargedTokens: 0 };

/** A stored result as a program sees it: no provider and no model, which are the operator's business. */
export function toChatAnswer(inboxId: string, conversation: string, result: TurnResult): ChatAnswer {
	return {
		id: inboxId,
		conversation,
		message: toMessage(result),
		replies: result.replies.map(toChatReply),
		usage: result.usage ?? NO_USAGE,
		...(result.stopped === true ? { stopped: true } : {}),
	};
}

export function toMessage(result: TurnResult): string {
	return result.replies.map((reply) => reply.markdown).join("\n\n");
}

/** The failure a turn ended with, as the error it was; undefined when it did not fail. */
export function findTurnError(result: TurnResult): AppError | undefined {
	if (result.error === undefined) return undefined;
	const { code, details } = result.error;
	return new AppError(code, "the turn failed", details === undefined ? {} : { details });
}

function toChatReply({ markdown, buttons = [], attachment }: Reply): ChatReply {
	const choices = buttons.flat().map((button) => button.label);
	return {
		markdown,
		...(choices.length === 0 ? {} : { choices }),
		...(attachment === undefined ? {} : { attachment }),
	};
}
