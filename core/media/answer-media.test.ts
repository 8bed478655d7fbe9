import { describe, expect, test } from "@jest/globals";
import type { Language, MediaKind } from "../pipeline/message.ts";
import { toOpenDialogues } from "../testing/command-context.ts";
import { mediaTexts } from "../texts/media.ts";
import { LANGUAGES } from "../texts/say.ts";
import type { MediaContent } from "./answer-media.ts";
import { answerMedia } from "./answer-media.ts";

const sender = { platform: "telegram", botId: "100", userId: "5" } as const;
const ctx = { sender, dialogues: [], language: "en" } as const;
const KINDS = Object.keys(mediaTexts) as MediaKind[];

describe.each(LANGUAGES)("in %s", (language: Language) => {
	test.each(KINDS)("a %s is answered with what is not supported and what to do", (media) => {
		const answer = answerMedia({ kind: "media", media }, { ...ctx, language });
		if (answer.kind !== "reply") throw new Error("expected a reply");
		expect(answer.replies[0]?.markdown).toContain(mediaTexts[media][language]);
		expect(answer.replies[0]?.markdown).not.toMatch(/[{}]/);
		expect(answer.dialogues).toEqual([]);
	});
});

describe("an album", () => {
	const piece: MediaContent = { kind: "media", media: "photo", albumId: "a1" };

	test("is answered once: the further pieces find that out", () => {
		const first = answerMedia(piece, ctx);
		if (first.kind !== "reply") throw new Error("expected a reply");
		const dialogues = toOpenDialogues(first.dialogues);
		expect(answerMedia(piece, { ...ctx, dialogues })).toEqual({ kind: "silent" });
	});

	test("after another one is answered again, over the old note", () => {
		const dialogues = [{ kind: "album", state: { albumId: "a0" }, version: 4 }];
		expect(answerMedia(piece, { ...ctx, dialogues })).toMatchObject({
			kind: "reply",
			dialogues: [{ expectedVersion: 4, state: { albumId: "a1" } }],
		});
	});

	test("whose second piece carries the words has these answered", () => {
		const dialogues = [{ kind: "album", state: { albumId: "a1" }, version: 1 }];
		const answer = answerMedia({ ...piece, caption: "what is this?" }, { ...ctx, dialogues });
		expect(answer).toMatchObject({ kind: "caption", text: "what is this?", dialogues: [] });
	});

	test("with an unreadable note is answered", () => {
		const dialogues = [{ kind: "album", state: "a1", version: 1 }];
		expect(answerMedia(piece, { ...ctx, dialogues })).toMatchObject({ kind: "reply" });
	});
});

test("words with a picture are answered, with a note that the picture was not seen", () => {
	const answer = answerMedia({ kind: "media", media: "photo", caption: " describe it " }, ctx);
	expect(answer).toMatchObject({ kind: "caption", text: "describe it" });
	if (answer.kind === "caption") expect(answer.note).toContain("look at photos");
	expect(answerMedia({ kind: "media", media: "photo", caption: "  " }, ctx)).toMatchObject({ kind: "reply" });
});
