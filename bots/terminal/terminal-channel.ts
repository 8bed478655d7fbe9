import type { Channel, ChannelCapabilities, RenderedPart, SendResult } from "../../core/channels/channel.ts";
import { inlineAttachment, renderReply, TEXT_LENGTH_MAX } from "./render/render-reply.ts";
import type { Screen } from "./screen.ts";
import { QUEUE_MAX, toInbound } from "./terminal-event.ts";

/** How often a growing answer is shown. */
const DRAFT_INTERVAL_MS = 60;
const NOT_OPEN_RETRY_MS = 500;

export type TerminalChannelOptions = {
	readonly markup: "ansi" | "plain";
	/** Undefined until the chat is open. */
	readonly findScreen: () => Screen | undefined;
	/** Keeps an attachment and tells where, in words; undefined when it could not. Without it attachments are shown. */
	readonly keepFile?: (attachment: NonNullable<RenderedPart["attachment"]>) => Promise<string | undefined>;
	/** Called with each message that was shown. */
	readonly onShown: (part: RenderedPart) => void;
};

/** The terminal as a channel. It cannot edit, so a message is shown at most once; a growing answer is written as it comes. */
export function createTerminalChannel(options: TerminalChannelOptions): Channel {
	const { markup, findScreen, onShown } = options;
	let count = 0;

	async function send(part: RenderedPart): Promise<SendResult> {
		const screen = findScreen();
		if (screen === undefined)
			return { kind: "not-sent", why: "not open yet", retryAfterMs: NOT_OPEN_RETRY_MS };
		const isShown = await screen.message(await toShownText(part));
		// Nobody knows what the last reader of a pipe has seen; /last shows it again.
		if (!isShown) return { kind: "unknown", why: "the terminal is closed" };
		onShown(part);
		count += 1;
		return { kind: "sent", messageId: String(count) };
	}

	async function toShownText(part: RenderedPart): Promise<string> {
		const { attachment } = part;
		const kept = attachment === undefined ? undefined : await options.keepFile?.(attachment);
		return kept === undefined ? inlineAttachment(part).text : `${part.text}\n\n${kept}`;
	}

	return {
		platform: "terminal",
		capabilities: toCapabilities(markup),
		toInbound,
		render: renderReply,
		send: async (_chat, part) => await send(part),
		edit: async () => ({ kind: "missing", why: "a terminal cannot edit" }),
		typing: async () => findScreen()?.working(),
		async draft(_chat, _draftId, markdown) {
			const screen = findScreen();
			if (screen === undefined) return { kind: "not-sent", why: "not open yet" };
			screen.draft(markdown);
			return { kind: "sent", messageId: "draft" };
		},
		async answerAction(_chat, _actionId, text) {
			if (text !== undefined && text !== "") findScreen()?.notice(text);
		},
	};
}

function toCapabilities(markup: "ansi" | "plain"): ChannelCapabilities {
	return {
		edit: false,
		stream: { private: { style: "write", intervalMs: DRAFT_INTERVAL_MS } },
		buttons: false,
		typing: true,
		attachments: false,
		markup,
		textLengthMax: TEXT_LENGTH_MAX,
		push: true,
		queueMax: { private: QUEUE_MAX, group: QUEUE_MAX },
	};
}
