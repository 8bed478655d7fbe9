import type { Knex } from "knex";
import type { Core } from "../core.ts";
import { listAlertsForChats, listStaffChats, noteChatsTold } from "../db/alerts.ts";
import { sendNotice } from "../inbox/notice.ts";
import { sayAlert } from "./say-alert.ts";

const ALERTS_MAX = 20;

/** Tells the staff of new alerts in their private chats, each once, whichever node does it. */
export async function tellChats(db: Knex, accept: Core["accept"]): Promise<void> {
	const alerts = await listAlertsForChats(db, ALERTS_MAX);
	if (alerts.length === 0) return;
	const chats = await listStaffChats(db);
	for (const alert of alerts) {
		for (const { platform, botId, userId, language } of chats) {
			await sendNotice(accept, {
				noticeId: `alert:${alert.id}:${userId}`,
				// A private chat has its person's id.
				chat: { platform, botId, id: userId, kind: "private" },
				replies: [{ markdown: sayAlert(alert, language) }],
			});
		}
		await noteChatsTold(db, alert.id);
	}
}
