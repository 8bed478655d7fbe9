import type { Channel, RenderedPart, SendResult, StreamStyle } from "../channels/channel.ts";
import type { Chat } from "../pipeline/message.ts";
import type { Cooldown } from "./cooldown.ts";

/** What is seen of an answer before it is committed. Everything here is best effort; delivery makes it true. */
export type LiveText = {
	push(piece: string): void;
	/** True when a placeholder of this turn may be visible. */
	mayHavePlaceholder(): boolean;
	/**
	 * Ends the preview and waits for its last request, so that two never race in one chat.
	 *
	 * @returns the placeholder that stands for the first part, if one was sent and stored, and how many messages and edits were used
	 */
	close(): Promise<{ readonly placeholderId: string | undefined; readonly calls: number }>;
};

export type LiveTextOptions = {
	readonly channel: Channel;
	readonly chat: Chat;
	/** Not 0. */
	readonly draftId: number;
	readonly cooldown: Cooldown;
	/** False once the lease may be lost: nothing is sent any more. */
	isLive(): boolean;
	/** Durably sends the placeholder of the first part; undefined when that failed. Called at most once. */
	openPlaceholder(): Promise<string | undefined>;
	/** The placeholder an earlier attempt left. */
	readonly placeholderId?: string;
	/** Nobody will be answered, so nobody is shown "typing". */
	readonly isQuiet?: boolean;
	onText?(textSoFar: string): void;
};

/** Quick answers need neither preview nor typing. */
const FIRST_PREVIEW_MS = 400;
const FIRST_TYPING_MS = 400;
/** Telegram shows "typing" for 5 s. */
const TYPING_MS = 4_500;

export function createLiveText(options: LiveTextOptions): LiveText {
	const { channel, chat, cooldown, isLive } = options;
	const stream = channel.capabilities.stream[chat.kind];
	let text = "";
	let shown = "";
	let placeholderId = options.placeholderId;
	let mayHavePlaceholder = placeholderId !== undefined;
	let calls = 0;
	let isClosed = false;
	let isOff = stream === undefined || !channel.capabilities.push;
	let request: Promise<void> | undefined;
	let previewTimer: NodeJS.Timeout | undefined;
	let typingTimer: NodeJS.Timeout | undefined;

	/** One request at a time. */
	async function run(work: () => Promise<void>): Promise<void> {
		if (request !== undefined || isClosed || !isLive() || cooldown.remainingMs(chat) > 0) return;
		// A preview that fails is no reason for the turn to.
		request = work().catch(() => {
			isOff = true;
		});
		await request;
		request = undefined;
	}

	async function show({ style }: StreamStyle): Promise<void> {
		const now = text;
		if (style !== "edit") {
			note(await channel.draft(chat, options.draftId, now));
		} else if (placeholderId === undefined) {
			mayHavePlaceholder = true;
			calls += 1;
			placeholderId = await options.openPlaceholder();
			isOff = placeholderId === undefined;
			return;
		} else {
			calls += 1;
			note(await channel.edit(chat, placeholderId, toPreview(channel, now)));
		}
		shown = now;
	}

	/** 429: pauses. Nobody there, or no such preview: ends. Everything else may be tried again at the next turn of the clock. */
	function note(result: SendResult): void {
		if (result.kind === "not-sent" && result.retryAfterMs !== undefined) {
			cooldown.start(chat, result.retryAfterMs);
		} else if (result.kind !== "sent" && result.kind !== "not-sent" && result.kind !== "unknown")
			isOff = true;
	}

	function schedulePreview(): void {
		if (stream === undefined || isOff || isClosed || previewTimer !== undefined) return;
		const delayMs =
			calls === 0 && shown === "" ? Math.min(FIRST_PREVIEW_MS, stream.intervalMs) : stream.intervalMs;
		previewTimer = setTimeout(() => {
			void run(async () => await show(stream)).finally(() => {
				previewTimer = undefined;
				if (text !== shown) schedulePreview();
			});
		}, delayMs);
	}

	function scheduleTyping(delayMs: number): void {
		typingTimer = setTimeout(() => {
			void run(async () => await channel.typing(chat)).finally(() => {
				if (!isClosed) scheduleTyping(TYPING_MS);
			});
		}, delayMs);
	}
	if (channel.capabilities.typing && options.isQuiet !== true) scheduleTyping(FIRST_TYPING_MS);

	return {
		push(piece) {
			if (isClosed || piece === "") return;
			text += piece;
			options.onText?.(text);
			schedulePreview();
		},
		mayHavePlaceholder: () => mayHavePlaceholder,
		async close() {
			isClosed = true;
			clearTimeout(previewTimer);
			clearTimeout(typingTimer);
			await request;
			return { placeholderId, calls };
		},
	};
}

function toPreview(channel: Channel, text: string): RenderedPart {
	const [first] = channel.render({ markdown: `${text} …` });
	return first ?? { text: "…", plain: "…" };
}
