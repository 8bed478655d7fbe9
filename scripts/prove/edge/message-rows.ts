import assert from "node:assert/strict";
import { pollUntil } from "../../../core/testing/poll-until.ts";
import { toPerson } from "../../end-to-end/person.ts";
import type { Desk } from "./desk.ts";
import type { InputRow } from "./input-row.ts";
import { countRows, findEvents, toMessage, toUpdate } from "./samples.ts";

const LONG_AGO = 1;
const FAR_AHEAD = 4_102_444_800;

/** Rows 17 to 23: updates that are no plain message of a person. */
export const MESSAGE_ROWS: readonly InputRow[] = [
	{
		row: 17,
		name: "an unknown kind of update: stored, done, not answered",
		async check(desk) {
			const { chat } = await desk.person();
			const before = chat.messages().length;
			const updates = [
				toUpdate(desk, { managed_planet: { chat: { id: chat.id, type: "private" }, text: "/key new" } }),
				toUpdate(desk, {}),
				toUpdate(desk, { message: 5, callback_query: [], my_chat_member: "x" }),
			];
			for (const update of updates) assert.equal((await desk.hook(update)).status, 200);
			await desk.world.settle();
			for (const { update_id } of updates)
				assert.equal((await findEvents(desk, update_id))[0]?.status, "done");
			assert.equal(chat.messages().length, before);
		},
	},
	{
		row: 18,
		name: "an edit of an answered message: no second answer",
		async check(desk) {
			const person = await desk.person();
			const question = person.send("before the edit");
			await person.answered(question);
			person.chat.editText(question, "/key new");
			assert.deepEqual(await person.ask("after it"), ["re: after it"]);
			assert.equal(person.since(question).length, 2);
		},
	},
	{
		row: 19,
		name: "the bot itself or another bot: not answered",
		async check(desk) {
			const { chat } = await desk.person();
			const before = chat.visibleTexts().length;
			for (const from of [
				{ id: desk.world.bot.id, is_bot: true, first_name: "Rockpool" },
				{ id: desk.world.bot.id, is_bot: false, first_name: "Rockpool" },
				{ id: 42, is_bot: true, first_name: "Other" },
			]) {
				await desk.hook(toUpdate(desk, { message: toMessage(chat.id, { from }) }));
			}
			await desk.world.settle();
			assert.equal(chat.visibleTexts().length, before);
		},
	},
	{
		row: 20,
		name: "channel posts, anonymous admins, nobody at all: no crash, no account",
		async check(desk) {
			const before = await countRows(desk, "accounts");
			const channel = { id: -1_001_234_567_890, type: "channel", title: "News" };
			const group = { id: -1_001_234_567_891, type: "supergroup", title: "Group" };
			for (const fields of [
				{ channel_post: { message_id: 1, chat: channel, text: "/start@all" } },
				{ message: { message_id: 1, chat: group, sender_chat: group, text: "/bind ABCDE-12345" } },
				{ message: { message_id: 2, chat: group, text: "/start" } },
				{ message: { message_id: 3, chat: { id: 77, type: "private" }, text: "/start" } },
				{ message: { message_id: 4, chat: channel, from: { id: 5, is_bot: false }, text: "/start" } },
			]) {
				assert.equal((await desk.hook(toUpdate(desk, fields))).status, 200);
			}
			await desk.world.settle();
			assert.equal(await countRows(desk, "accounts"), before);
		},
	},
	{
		row: 21,
		name: "dates of 1970 and 2100: our own clock counts",
		async check(desk) {
			const person = await desk.person();
			for (const date of [LONG_AGO, FAR_AHEAD, -1, "x"]) {
				const text = `dated ${date}`;
				assert.deepEqual(await person.ask(text, { extra: { date } }), [`re: ${text}`]);
			}
		},
	},
	{
		row: 22,
		name: "a group becomes a supergroup: what was said there goes along",
		async check(desk) {
			const { bot, vendor } = desk.world;
			const [from, to] = [-20_000 - desk.nextId(), -1_002_000_000_000 - desk.nextId()];
			const ann = { id: desk.nextId(), is_bot: false, first_name: "Ann", language_code: "en" };
			const group = toPerson(desk.world, bot.group({ id: from }));
			const question = group.send(`@${bot.username} remember the word limpet`, { from: ann });
			await group.answered(question);
			group.chat.migrate(to);
			await pollUntil(async () => {
				const moves = desk.world
					.db("inbox")
					.whereRaw("body -> 'message' ->> 'migrate_to_chat_id' = ?", [String(to)]);
				return (await moves.first("status"))?.status === "done";
			});
			const moved = toPerson(desk.world, bot.chat(to));
			const again = moved.send(`@${bot.username} which word?`, { from: ann });
			await moved.answered(again);
			assert.equal(moved.since(again).at(-1), "re: which word?");
			const asked = vendor.requests.map(({ body }) => JSON.stringify(body));
			assert.match(asked.findLast((body) => body.includes("which word?")) ?? "", /limpet/);
		},
	},
	{
		row: 23,
		name: "a press that is forged, old or another person's: told, and nothing done",
		async check(desk) {
			const [ann, bob] = [await desk.person(), await desk.person()];
			await ann.ask("/delete");
			const data = ann.chat
				.visibleMessages()
				.flatMap(({ buttons }) => buttons?.flat() ?? [])
				.find(({ callback_data }) => callback_data?.startsWith("delete:"))?.callback_data;
			assert.ok(data !== undefined, "no button to delete the account");
			const accounts = await countRows(desk, "accounts");
			for (const forged of [data, "delete:aaaaaaaa", "resend:1", "nonsense", "tier:ROOT", "tz:posixrules"]) {
				const queryId = bob.chat.pressForged(forged, 1);
				await pollUntil(() => bob.chat.alert(queryId) !== undefined);
				assert.match(bob.chat.alert(queryId)?.text ?? "", /no longer works/, forged);
			}
			await pressHuge(desk, bob.chat.id);
			assert.equal(await countRows(desk, "accounts"), accounts);
		},
	},
];

/** More data than Telegram lets a button carry. */
async function pressHuge(desk: Desk, userId: number): Promise<void> {
	const from = { id: userId, is_bot: false, first_name: "Bob" };
	const message = { message_id: 1, chat: { id: userId, type: "private" } };
	for (const data of ["x".repeat(100_000), "\0", "\ud800", "tier:BEST\0"]) {
		const query = { id: String(desk.nextId()), from, message, data };
		assert.equal((await desk.hook(toUpdate(desk, { callback_query: query }))).status, 200);
	}
	await desk.world.settle();
}
