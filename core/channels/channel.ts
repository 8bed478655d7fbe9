import type { DialogueEngine } from "../dialogues/script.ts";
import type { Chat, Inbound, Platform, Reply } from "../pipeline/message.ts";

/** What a channel can do. Core asks these, never the channel's name. */
export type ChannelCapabilities = {
	/** A sent message can be edited, so delivery is placeholder-then-edit: exactly one answer is ever visible. */
	readonly edit: boolean;
	/** Milliseconds between visible updates while an answer streams; undefined: this chat kind cannot stream. */
	readonly stream: { readonly private?: StreamStyle; readonly group?: StreamStyle };
	readonly buttons: boolean;
	readonly typing: boolean;
	readonly attachments: boolean;
	readonly markup: "html" | "plain" | "ansi";
	/** Longest text of one message in UTF-16 code units, after the markup is taken away. */
	readonly textLengthMax: number;
	/** How long after the user's last message the bot may still write; undefined: always. */
	readonly replyWindowMs?: number;
	/** False where the caller fetches the answer itself (HTTP): nothing is delivered, the stored result is the answer. */
	readonly push: boolean;
	/** Waiting messages a lane may hold before further ones are refused. */
	readonly queueMax: { readonly private: number; readonly group: number };
	/** How fast one chat may be written to; undefined: 1 a second in private and 20 a minute in groups where messages can be edited, else no limit. */
	readonly pace?: { readonly private?: Pace; readonly group?: Pace };
};

/** One message or edit each intervalMs on average, of which `burst` may come at once. */
export type Pace = { readonly intervalMs: number; readonly burst: number };

/** draft: a preview that vanishes by itself. edit: the placeholder is edited. write: text appears as it comes (terminal). */
export type StreamStyle = { readonly style: "draft" | "edit" | "write"; readonly intervalMs: number };

/**
 * A reply cut and rendered to what one message of this channel can hold. `plain` is the last resort when markup is refused:
 * delivery then repeats with text equal to plain, and text that equals plain is sent without any markup mode. An empty text
 * with an attachment: only the file is to be sent, its text was delivered before.
 */
export type RenderedPart = {
	readonly text: string;
	readonly plain: string;
	readonly buttons?: Reply["buttons"];
	readonly attachment?: Reply["attachment"];
};

/**
 * The classes of `design: message flow`. Decided once, by the channel, from what its platform said.
 * not-sent: certainly not visible, try later. unknown: may or may not be visible. refused: this content never will be.
 * undeliverable: this chat never will be (blocked, gone). missing: the message to edit does not exist any more.
 */
export type SendResult =
	| { readonly kind: "sent"; readonly messageId: string }
	| { readonly kind: "not-sent"; readonly why: string; readonly retryAfterMs?: number }
	| { readonly kind: "unknown"; readonly why: string }
	| { readonly kind: "refused"; readonly why: string }
	| { readonly kind: "undeliverable"; readonly why: string }
	| { readonly kind: "missing"; readonly why: string };

export type Channel = {
	readonly platform: Platform;
	readonly capabilities: ChannelCapabilities;
	/** Pure, total: any stored body becomes an Inbound, at worst `ignored`. */
	toInbound(body: unknown, event: { readonly botId: string; readonly eventId: string }): Inbound;
	/** Pure. Splits and renders a reply; never empty; never breaks a code fence. */
	render(reply: Reply): readonly RenderedPart[];
	/** Sends a new message. Never throws; bounded by its own time-out (<= 20 s). */
	send(chat: Chat, part: RenderedPart, options: { readonly replyToMessageId?: string }): Promise<SendResult>;
	/** Edits a message; an unchanged text counts as sent. Never throws. */
	edit(chat: Chat, messageId: string, part: RenderedPart): Promise<SendResult>;
	/** Shows "typing" once (about 5 s). Best effort, never throws. */
	typing(chat: Chat): Promise<void>;
	/** Shows or updates a preview of the whole text so far, with a stop button where possible. Best effort, never throws. */
	draft(chat: Chat, draftId: number, markdown: string): Promise<SendResult>;
	/** Acknowledges a pressed button; `text` is a short toast. Best effort, never throws. */
	answerAction(chat: Chat, actionId: string, text?: string): Promise<void>;
	/** The channel's own dialogue engine; core's plain one is used where there is none. */
	readonly runDialogue?: DialogueEngine;
};
