import type { Knex } from "knex";
import { createSecrets } from "../../secrets/create-secrets.ts";
import type { NamedKey } from "../../secrets/envelope.ts";
import { joinAs, makeSender, reserveTokens, spendTokens } from "../../testing/people.ts";

/** What a careless copy would lose: separators of COPY, its words for null and end, other scripts, quotes. */
const ODD_TEXTS = ["tab\there", "line\r\nbreak", "back\\slash \\N", "\\.", "漢字 😀", "", "'\"$1?"];

/** A person with some of everything that is hard to carry over. */
export async function addOddRows(db: Knex, kek: NamedKey): Promise<{ readonly secretId: string }> {
	const accountId = await joinAs(db, makeSender());
	await spendTokens(db, accountId, 7);
	await reserveTokens(db, accountId, 3);
	// granted once and for ever, of which a trigger keeps the end at the account
	await db.raw(
		`with b as (
			insert into ledger_buckets (account_id, kind, starts_at, ends_at, granted_micro, source, external_id)
				values (?, 'goodwill', '2026-01-01T00:00:00.123456Z', 'infinity', 5, 'test', ?) returning *
		)
		insert into ledger_journal (at, kind, account_id, bucket_id, granted_micro)
			select now(), 'grant', account_id, id, granted_micro from b`,
		[accountId, accountId],
	);
	const lane = `telegram:7:${accountId}`;
	await db("conversations").insert({ lane, account_id: accountId });
	for (const [at, content] of ODD_TEXTS.entries()) {
		const row = { lane, inbox_id: Number(accountId) * 100 + at, role: "user", content, tokens: 1 };
		await db("conversation_messages").insert({ ...row, account_id: accountId });
	}
	await db("lanes").insert({ lane });
	const body = JSON.stringify(Object.fromEntries(ODD_TEXTS.map((text, at) => [`k${at}${text}`, text])));
	await db("inbox").insert({
		platform: "telegram",
		bot_id: "7",
		event_id: accountId,
		lane,
		body,
		body_hash: Buffer.from([0, 92, 10, 9, 255]),
	});
	const secrets = createSecrets({
		db,
		readKeys: async () => ({ current: kek, byId: new Map([[kek.id, kek]]) }),
		registerSecret: () => undefined,
	});
	return { secretId: await secrets.put("system", "test", "the secret") };
}
