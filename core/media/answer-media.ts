import { z } from "zod";
import type { OpenDialogue } from "../accounts/account.ts";
import { ALBUM_KIND, writeDialogue } from "../dialogues/dialogues.ts";
import type { InboundContent, Language, MediaKind, Reply, Sender } from "../pipeline/message.ts";
import type { DialogueWrite } from "../pipeline/turn.ts";
import { mediaAnswerTexts, mediaTexts } from "../texts/media.ts";
import type { Text } from "../texts/say.ts";
import { say } from "../texts/say.ts";

export type MediaContent = Extract<InboundContent, { kind: "media" }>;

export type MediaAnswer =
	/** A further piece of an album that was answered. */
	| { readonly kind: "silent" }
	| {
			readonly kind: "reply";
			readonly replies: readonly Reply[];
			readonly dialogues: readonly DialogueWrite[];
	  }
	/** The words that came with it are a message like any other (never a command); `note` goes before the answer. */
	| {
			readonly kind: "caption";
			readonly text: string;
			readonly note: string;
			readonly dialogues: readonly DialogueWrite[];
	  };

const stateSchema = z.object({ albumId: z.string() });

const HINTS = {
	photo: mediaAnswerTexts.hintDescribe,
	video: mediaAnswerTexts.hintDescribe,
	sticker: mediaAnswerTexts.hintDescribe,
	voice: mediaAnswerTexts.hintWrite,
	audio: mediaAnswerTexts.hintWrite,
	location: mediaAnswerTexts.hintWrite,
	contact: mediaAnswerTexts.hintWrite,
	other: mediaAnswerTexts.hintWrite,
	file: mediaAnswerTexts.hintPaste,
} as const satisfies Record<MediaKind, Text>;

/**
 * An honest answer to what we cannot read: what is not supported, what to do instead. The pieces of an album come as events
 * of their own in one lane; the first one (or the one with words) is answered, which its sender's "album" dialogue remembers.
 */
export function answerMedia(
	content: MediaContent,
	ctx: {
		readonly sender: Sender;
		readonly dialogues: readonly OpenDialogue[];
		readonly language: Language;
	},
): MediaAnswer {
	const { albumId, caption, media } = content;
	const { dialogues, language, sender } = ctx;
	const stored = dialogues.find(({ kind }) => kind === ALBUM_KIND);
	const isAnswered = albumId !== undefined && stateSchema.safeParse(stored?.state).data?.albumId === albumId;
	const text = caption?.trim() ?? "";
	if (isAnswered && text === "") return { kind: "silent" };

	const isNew = albumId !== undefined && !isAnswered;
	const writes = isNew ? [writeDialogue(sender, ALBUM_KIND, stored, { albumId })] : [];
	const words = say(mediaTexts[media], language);
	if (text !== "") {
		const note = say(mediaAnswerTexts.captionOnly, language, { media: words });
		return { kind: "caption", text, note, dialogues: writes };
	}
	const hint = say(HINTS[media], language);
	const markdown = say(mediaAnswerTexts.unsupported, language, { media: words, hint });
	return { kind: "reply", replies: [{ markdown }], dialogues: writes };
}
