import type { Knex } from "knex";
import type { Core } from "../../core.ts";
import type { UntoldEvent } from "../../db/alerts.ts";
import { listUntoldEvents, noteEventTold } from "../../db/alerts.ts";
import { listSenders } from "../../db/senders.ts";
import { sendNotice } from "../../inbox/notice.ts";
import { followTexts, troubleTexts } from "../../texts/instances.ts";
import { say } from "../../texts/say.ts";
import { toTrouble } from "../trouble.ts";

const EVENTS_MAX = 20;

/**
 * Tells owners what happened to their instances while nobody watched, once, and makes it an alert for those who run the
 * installation. Whoever dies in the midst of it is repeated, and what was said is not said again.
 */
export async function tellEvents(db: Knex, accept: Core["accept"]): Promise<void> {
	for (const event of await listUntoldEvents(db, EVENTS_MAX)) {
		// Where one is being made its owner reads how that goes, and how it ends.
		if (!event.inDeploy) await tellOwner(db, accept, event);
		await noteEventTold(db, event);
	}
}

async function tellOwner(db: Knex, accept: Core["accept"], event: UntoldEvent): Promise<void> {
	const { eventId, kind, accountId, language = "en", why } = event;
	const text =
		kind === "failed" ? followTexts.gaveUp : kind === "crashloop" ? followTexts.crashloop : undefined;
	if (text === undefined || accountId === undefined) return;
	const markdown = say(text, language, { why: say(troubleTexts[toTrouble(why)], language) });
	for (const { platform, botId, userId } of await listSenders(db, accountId)) {
		await sendNotice(accept, {
			noticeId: `instance:${eventId}:${userId}`,
			chat: { platform, botId, id: userId, kind: "private" },
			replies: [{ markdown }],
		});
	}
}
