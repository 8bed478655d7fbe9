import type { ErrorCode, ErrorDetails } from "../errors.ts";

export type Platform = "terminal" | "telegram" | "http" | "wechat";

export type Language = "en" | "zh-CN" | "ru";

/** Who wrote. Identity is (platform, botId, userId) and never a name (ASVS 6.8.1). */
export type Sender = {
	readonly platform: Platform;
	/** The bot, official account or listener that received it, as that platform names it. */
	readonly botId: string;
	/** The platform's own id of the person; opaque. */
	readonly userId: string;
	readonly displayName?: string;
	/** BCP 47 tag the platform reports, such as "zh-hans". A hint only. */
	readonly languageHint?: string;
};

/** Where an answer goes. */
export type Chat = {
	readonly platform: Platform;
	readonly botId: string;
	readonly id: string;
	readonly kind: "private" | "group";
	readonly topicId?: string;
};

/** A message as any channel hands it to core. Produced by a channel's pure toInbound from the stored event body. */
export type Inbound = {
	/** Undefined for anonymous admins, channel posts and the like: such an event never binds and is never answered. */
	readonly sender?: Sender;
	readonly chat: Chat;
	/** The platform's id of the user's message, for "reply to" and edits. */
	readonly messageId?: string;
	readonly content: InboundContent;
	/** A program may ask for a tier for this one message (HTTP); otherwise the account's own choice counts. */
	readonly policy?: "BEST" | "CHEAP" | "CN_OK";
};

export type InboundContent =
	/** `forwarded` text and quotes are never read as a command or a bind code. */
	| { readonly kind: "text"; readonly text: string; readonly forwarded: boolean }
	/** Anything that is not text: answered honestly with what is supported. `albumId` groups pieces: answered once. */
	| {
			readonly kind: "media";
			readonly media: MediaKind;
			readonly caption?: string;
			readonly albumId?: string;
	  }
	/** A pressed button. `data` is untrusted: check it against its owner. */
	| { readonly kind: "action"; readonly actionId: string; readonly data: string; readonly messageId?: string }
	/** The platform's own stop button under a streamed draft. */
	| { readonly kind: "stop" }
	/** The user blocked or unblocked the bot. */
	| { readonly kind: "membership"; readonly reachable: boolean }
	| { readonly kind: "chat-migrated"; readonly toChatId: string }
	/** Ours: a message nobody asked for, such as a notice after a dead letter. */
	| { readonly kind: "notice"; readonly replies: readonly Reply[] }
	/** Ours: one message that tells how an instance gets on, until it is up or given up. */
	| {
			readonly kind: "follow";
			readonly accountId: string;
			readonly instanceId: string;
			readonly language: Language;
	  }
	/** Stored and done, no answer: edits, bots, channel posts, unaddressed group talk, unknown updates. */
	| { readonly kind: "ignored"; readonly why: string };

export type MediaKind =
	| "photo"
	| "voice"
	| "audio"
	| "video"
	| "file"
	| "sticker"
	| "location"
	| "contact"
	| "other";

/** One button. `data` is at most 64 bytes: "verb:argument", parsed in core/actions/. */
export type Button = { readonly label: string; readonly data: string };

/** One thing to say. Each channel renders the Markdown and splits it to its own limit. */
export type Reply = {
	readonly markdown: string;
	readonly buttons?: readonly (readonly Button[])[];
	/** Sent as a file where the channel can, as text where it cannot. */
	readonly attachment?: { readonly filename: string; readonly text: string };
	/** Holds what is shown once (a key, a code, an export): blanked in what is stored as soon as it was delivered. */
	readonly secret?: true;
};

/** What a turn came to. Stored with the charge; the HTTP channel reads it back. */
export type TurnResult = {
	readonly replies: readonly Reply[];
	/** Present when the turn failed: the code the user was told, and the facts for channels that word it themselves (HTTP). */
	readonly error?: {
		readonly code: ErrorCode;
		readonly retryable: boolean;
		readonly details?: ErrorDetails;
	};
	/** Present when a model answered. Whole tokens. */
	readonly usage?: {
		readonly inputTokens: number;
		readonly outputTokens: number;
		readonly chargedTokens: number;
	};
	readonly route?: { readonly provider: string; readonly model: string };
	readonly stopped?: boolean;
};
