import type { Knex } from "knex";
import type { Inbound, Language } from "../pipeline/message.ts";
import { toLanguage } from "../texts/say.ts";

/** The language of the sender's account, else what the platform says about the person. */
export async function findLanguage(db: Knex, sender: Inbound["sender"]): Promise<Language> {
	if (sender === undefined) return "en";
	const { rows } = await db.raw<{ rows: { language: Language }[] }>(
		`select a.language from senders s join accounts a on a.id = s.account_id
		where s.platform = ? and s.bot_id = ? and s.user_id = ?`,
		[sender.platform, sender.botId, sender.userId],
	);
	return rows[0]?.language ?? toLanguage(sender.languageHint);
}
