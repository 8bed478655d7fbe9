import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { InboundEvent } from "../../core/core.ts";
import { toLane } from "../../core/core.ts";
import type { Chat, Inbound, InboundContent } from "../../core/pipeline/message.ts";

/** There is one terminal a process; its bot has one name. */
export const TERMINAL_BOT_ID = "local";

/** Waiting messages of the one chat. */
export const QUEUE_MAX = 50;

/** UTF-16 code units of one message. */
export const MESSAGE_LENGTH_MAX = 16_000;

/** What the user did: wrote, or chose a numbered button. */
export type TerminalInput =
	| { readonly kind: "text"; readonly text: string }
	| { readonly kind: "action"; readonly data: string };

const storedEvent = z.object({
	user: z.string().min(1).max(256),
	languageHint: z.string().max(64).optional(),
	input: z.discriminatedUnion("kind", [
		z.object({ kind: z.literal("text"), text: z.string() }),
		z.object({ kind: z.literal("action"), data: z.string() }),
	]),
});

export type TerminalUser = { readonly name: string; readonly languageHint?: string | undefined };

export function toTerminalChat(user: string): Chat {
	return { platform: "terminal", botId: TERMINAL_BOT_ID, id: user, kind: "private" };
}

/** The event core stores. Choices and /stop take the fast lane: they must not wait behind a running answer. */
export function toTerminalEvent(input: TerminalInput, user: TerminalUser): InboundEvent {
	const isFast = input.kind === "action" || /^\/stop$/i.test(input.text.trim());
	const body = { user: user.name, languageHint: user.languageHint, input: toStorable(input) };
	return {
		platform: "terminal",
		botId: TERMINAL_BOT_ID,
		eventId: randomUUID(),
		lane: toLane({ chat: toTerminalChat(user.name) }, isFast ? "fast" : "normal"),
		bodyJson: JSON.stringify(body),
		queueMax: QUEUE_MAX,
	};
}

/** Pure and total: whatever is stored becomes an Inbound, at worst ignored. */
export function toInbound(
	body: unknown,
	event: { readonly botId: string; readonly eventId: string },
): Inbound {
	const parsed = storedEvent.safeParse(body);
	if (!parsed.success) {
		const chat = { ...toTerminalChat("unknown"), botId: event.botId };
		return { chat, content: { kind: "ignored", why: "not a stored terminal event" } };
	}
	const { user, languageHint, input } = parsed.data;
	return {
		sender: {
			platform: "terminal",
			botId: TERMINAL_BOT_ID,
			userId: user,
			displayName: user,
			...(languageHint === undefined ? {} : { languageHint }),
		},
		chat: toTerminalChat(user),
		messageId: event.eventId,
		content: toContent(input, event.eventId),
	};
}

function toContent(input: TerminalInput, eventId: string): InboundContent {
	if (input.kind === "action") return { kind: "action", actionId: eventId, data: input.data };
	return { kind: "text", text: input.text, forwarded: false };
}

/** PostgreSQL's jsonb takes neither NUL nor lone surrogates. */
function toStorable(input: TerminalInput): TerminalInput {
	if (input.kind === "action") return input;
	return { kind: "text", text: input.text.replaceAll("\0", "").toWellFormed() };
}
