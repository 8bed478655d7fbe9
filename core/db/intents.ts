import type { Knex } from "knex";
import type { IntentRule } from "../intents/intent.ts";

export async function listIntentRules(db: Knex): Promise<readonly IntentRule[]> {
	const { rows } = await db.raw<{ rows: IntentRule[] }>(
		"select id, keywords, agents, skills, weight from intent_rules where enabled order by id",
	);
	return rows;
}
