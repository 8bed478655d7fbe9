import { createHash, randomInt, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { OpenDialogue } from "../accounts/account.ts";
import { ALBUM_KIND, writeDialogue } from "../dialogues/dialogues.ts";
import type { DialogueWrite } from "../pipeline/turn.ts";
import type { CommandContext } from "./command.ts";

/** What cannot be undone is asked about first. */
export type ConfirmationPurpose =
	| "delete"
	| "unbind"
	| "bind"
	| "instance-stop"
	| "instance-restart"
	| "instance-delete";

/** How long a confirmation may be given, in ms. */
export const CONFIRMATION_TTL_MS = 10 * 60_000;

/** No letter or digit that is easily taken for another: the token may have to be typed. */
const ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz";
/** 39 bits, for one sender's own eyes and ten minutes. */
const TOKEN_LENGTH = 8;

const stateSchema = z.object({
	token: z.string(),
	expiresAt: z.iso.datetime(),
	/** What it is about, such as the id of a bind code. */
	subject: z.string().optional(),
});

/** A fresh token and the write that remembers it for this sender only; an older question of the same kind is replaced. */
export function askConfirmation(
	ctx: Pick<CommandContext, "sender" | "dialogues" | "now">,
	purpose: ConfirmationPurpose,
	subject?: string,
): { readonly token: string; readonly write: DialogueWrite } {
	const token = Array.from({ length: TOKEN_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
	const kind = toKind(purpose);
	const expiresAt = new Date(ctx.now.getTime() + CONFIRMATION_TTL_MS).toISOString();
	const state = { token, expiresAt, ...(subject !== undefined && { subject }) };
	return { token, write: writeDialogue(ctx.sender, kind, findStored(ctx.dialogues, kind), state) };
}

/** The stored question when the token answers it in time; undefined when it is stale, foreign or made up. */
export function findConfirmation(
	ctx: Pick<CommandContext, "dialogues" | "now">,
	purpose: ConfirmationPurpose,
	token: string,
): OpenDialogue | undefined {
	const stored = findStored(ctx.dialogues, toKind(purpose));
	const state = stateSchema.safeParse(stored?.state);
	if (stored === undefined || !state.success) return undefined;
	if (new Date(state.data.expiresAt) <= ctx.now) return undefined;
	return isSame(state.data.token, token.toLowerCase()) ? stored : undefined;
}

/** What a stored question is about; undefined for one that needs no more than its purpose. */
export function readSubject(confirmation: OpenDialogue): string | undefined {
	return stateSchema.safeParse(confirmation.state).data?.subject;
}

/** True for what a person is being asked and /cancel throws away; bookkeeping (albums already answered) is kept. */
export function isQuestion({ kind }: OpenDialogue): boolean {
	return kind !== ALBUM_KIND;
}

function findStored(dialogues: readonly OpenDialogue[], kind: string): OpenDialogue | undefined {
	return dialogues.find((dialogue) => dialogue.kind === kind);
}

function toKind(purpose: ConfirmationPurpose): string {
	return `confirm-${purpose}`;
}

function isSame(expected: string, given: string): boolean {
	const hash = (text: string) => createHash("sha256").update(text).digest();
	return timingSafeEqual(hash(expected), hash(given));
}
