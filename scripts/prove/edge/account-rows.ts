import assert from "node:assert/strict";
import type { Person } from "../../end-to-end/person.ts";
import { toPerson } from "../../end-to-end/person.ts";
import type { Desk } from "./desk.ts";
import type { InputRow } from "./input-row.ts";

const WRONG = /unknown, used or expired/;

/** Rows 60, 61 and 71 to 73: zones and bind codes. */
export const ACCOUNT_ROWS: readonly InputRow[] = [
	{
		row: 60,
		name: "zones that are none: not taken",
		async check(desk) {
			const person = await desk.person();
			const before = await zoneOf(desk, person);
			for (const zone of [
				"''",
				"../x",
				"EST5EDT4,M3.2.0,M11.1.0",
				"posixrules",
				"posix/UTC",
				"right/UTC",
				"<+05>-5",
				"UTC+99",
				"\0",
				"%00",
			])
				await person.ask(`/timezone ${zone}`);
			await desk.world.settle();
			assert.equal(await zoneOf(desk, person), before);
		},
	},
	{
		row: 61,
		name: "a zone changed again and again: once in 30 days",
		async check(desk) {
			const person = await desk.person();
			const said: string[] = [];
			for (const zone of ["Pacific/Kiritimati", "Pacific/Niue", "Pacific/Kiritimati"]) {
				said.push((await person.ask(`/timezone ${zone}`)).join());
			}
			assert.match(said[0] ?? "", /^Done/);
			for (const again of said.slice(1)) assert.doesNotMatch(again, /^Done/);
		},
	},
	{
		row: 71,
		name: "a code in small letters, with O for 0 and l for 1, full width: the same code",
		async check(desk) {
			for (const disguise of [
				(code: string) => code.toLowerCase(),
				(code: string) => code.replaceAll("0", "O").replaceAll("1", "l"),
				(code: string) => code.replaceAll("-", " "),
				(code: string) => code.replaceAll("-", "\u2013"),
				(code: string) =>
					[...code].map((it) => (it === "-" ? it : String.fromCharCode(it.charCodeAt(0) + 0xfee0))).join(""),
			]) {
				const code = (await issue(desk)).typed;
				const buyer = await desk.person();
				assert.match((await buyer.ask(`/bind ${disguise(code)}`)).join(), /Your plan is now Pro/);
			}
		},
	},
	{
		row: 72,
		name: "a code that is used, expired, shown in a group, one's own, or wanted by two at once",
		async check(desk) {
			const { bot, db } = desk.world;
			const used = await issue(desk);
			const [first, second] = [await desk.person(), await desk.person()];
			await first.ask(`/bind ${used.typed}`);
			for (const form of [used.typed, used.typed.toLowerCase()]) {
				assert.match((await second.ask(`/bind ${form}`)).join(), WRONG);
			}
			const expired = await issue(desk);
			await db("bind_codes")
				.where({ id: expired.id })
				.update({ expires_at: new Date(0) });
			assert.match((await second.ask(`/bind ${expired.typed}`)).join(), WRONG);
			const shown = await issue(desk);
			const group = toPerson(desk.world, bot.group({ id: -40_000 - desk.nextId() }));
			const from = { id: second.chat.id, is_bot: false, first_name: "Bob" };
			const inGroup = group.send(`/bind@${bot.username} ${shown.typed}`, { from });
			await group.answered(inGroup);
			assert.match((await second.ask(`/bind ${shown.typed}`)).join(), WRONG);
			const own = /\/bind ([A-Z0-9-]+)/.exec((await first.ask("/link")).join())?.[1] ?? "";
			assert.doesNotMatch((await first.ask(`/bind ${own}`)).join(), /Done/);
			await wantedByMany(desk);
		},
	},
	{
		row: 73,
		name: "deep links too long, with NUL or another alphabet: refused",
		async check(desk) {
			const person = await desk.person();
			for (const payload of [
				"x".repeat(65),
				"%00",
				"a".repeat(21),
				`${"a".repeat(21)}\0`,
				"../../x",
				"ключ",
			]) {
				const said = (await person.ask(`/start ${payload}`)).join();
				assert.doesNotMatch(said, /Done|joins this chat/, payload);
			}
		},
	},
];

type Issued = { readonly typed: string; readonly id: string };

/** A code for a plan, written by a member of the staff. */
async function issue(desk: Desk): Promise<Issued> {
	const staff = toPerson(desk.world, desk.world.bot.privateChat({ id: STAFF_ID }));
	const typed = /\/bind ([A-Z0-9-]+)/.exec((await staff.ask("/issue pro_40")).join())?.[1] ?? "";
	assert.notEqual(typed, "", "no code was issued");
	const { id } = await desk.world.db("bind_codes").orderBy("id", "desc").first("id");
	return { typed, id };
}

/** Eight people, one code. */
async function wantedByMany(desk: Desk): Promise<void> {
	const { typed } = await issue(desk);
	const people = await Promise.all(Array.from({ length: 8 }, async () => await desk.person()));
	const said = await Promise.all(people.map(async (person) => (await person.ask(`/bind ${typed}`)).join()));
	assert.equal(said.filter((text) => /Your plan is now Pro/.test(text)).length, 1);
	assert.equal(said.filter((text) => WRONG.test(text)).length, people.length - 1);
}

async function zoneOf({ world }: Desk, { chat }: Person): Promise<string> {
	const { zone } = await world
		.db("senders as s")
		.join("ledger_accounts as l", "l.account_id", "s.account_id")
		.where({ "s.platform": "telegram", "s.bot_id": String(world.bot.id), "s.user_id": String(chat.id) })
		.first("l.zone");
	return zone;
}

export const STAFF_ID = 4_999_999;
