import { expect, test } from "@jest/globals";
import { findInDatabase } from "./find-in-database.ts";
import { meet } from "./person.ts";
import { findAccount, readLedger } from "./read-ledger.ts";
import { useWorld } from "./use-world.ts";

const world = useWorld();

test("/export sends all that is known as a file; /delete erases it, and coming back gives no new tokens", async () => {
	const { bot, db, model } = world();
	model.onMessage(/./, {
		content: "The answer to zanzibar.",
		usage: { prompt_tokens: 120, completion_tokens: 10 },
	});
	const ann = meet(world(), 1101);
	await ann.ask("What is quokka?");
	const accountId = await findAccount(world(), ann.chat);
	expect(await readLedger(world(), accountId)).toMatchObject({ posted: 130 });

	await ann.ask("/export");
	const document = ann.chat.visibleMessages().findLast((message) => message.document !== undefined)?.document;
	expect(document?.filename).toMatch(/\.json$/);
	const data = document?.content ?? "";
	expect(JSON.parse(data)).toEqual(expect.any(Object));
	for (const word of ["quokka", "zanzibar"]) expect(data).toContain(word);

	const [ask = ""] = await ann.ask("/delete");
	expect(ask).toMatch(/10 minutes/);
	const label = ann.chat.visibleMessages().at(-1)?.buttons?.flat()[0]?.text ?? "";
	await ann.press(label);
	await world().settle();
	for (const word of ["quokka", "zanzibar"]) {
		expect(await findInDatabase(db, word)).toEqual([]);
	}
	const row = await db("senders")
		.where({ bot_id: String(bot.id), user_id: "1101" })
		.first();
	expect(row).toBeUndefined();

	const [usage = ""] = await ann.ask("/usage");
	expect(await findAccount(world(), ann.chat)).not.toBe(accountId);
	// Deleting is no way to a second grant on the same day.
	expect(usage).toMatch(/Today's tokens were given out before.*Left: 0 tokens.*Resets: /s);
});
