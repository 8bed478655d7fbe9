import type { Knex } from "knex";
import type { OpenDialogue } from "../accounts/account.ts";
import type { Sender } from "../pipeline/message.ts";
import type { DialogueWrite } from "../pipeline/turn.ts";

/** Remembers the album that was answered last, so that its other pieces are not answered again. */
export const ALBUM_KIND = "album";

type SenderKey = Pick<Sender, "platform" | "botId" | "userId">;

/** A stored dialogue of one sender. Writes belong to the checkpoint (DialogueWrite): compare-and-set on `version`. */
export async function findDialogue(
	db: Knex,
	{ platform, botId, userId }: SenderKey,
	kind: string,
): Promise<OpenDialogue | undefined> {
	const { rows } = await db.raw<{ rows: OpenDialogue[] }>(
		"select kind, state, version from dialogues where platform = ? and bot_id = ? and user_id = ? and kind = ?",
		[platform, botId, userId, kind],
	);
	return rows[0];
}

/** Removes dialogues nobody went on with; returns how many. Run by the cleanup job. */
export async function deleteStaleDialogues(db: Knex, days: number): Promise<number> {
	const { rows } = await db.raw<{ rows: unknown[] }>(
		"delete from dialogues where updated_at < now() - make_interval(days => ?::integer) returning 1",
		[days],
	);
	return rows.length;
}

export function removeDialogue(sender: SenderKey, stored: OpenDialogue): DialogueWrite {
	return writeDialogue(sender, stored.kind, stored, undefined);
}

/** state undefined deletes. */
export function writeDialogue(
	{ platform, botId, userId }: SenderKey,
	kind: string,
	stored: OpenDialogue | undefined,
	state: unknown,
): DialogueWrite {
	return { platform, botId, userId, kind, expectedVersion: stored?.version ?? 0, state };
}
