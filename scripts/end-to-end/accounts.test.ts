import { beforeAll, describe, expect, test } from "@jest/globals";
import { meet } from "./person.ts";
import { findAccount, readLedger } from "./read-ledger.ts";
import { useWorld } from "./use-world.ts";

const STAFF_ID = 801;
const world = useWorld({
	botCount: 2,
	env: ([first]) => ({ STAFF: `telegram:${first?.id}:${STAFF_ID}` }),
});

beforeAll(() => {
	world().model.onMessage(/./, ({ messages }) => ({ content: `re: ${String(messages.at(-1)?.content)}` }));
});

/** The same person with each of the two bots. */
function meetTwice(id: number) {
	const [first, second] = world().bots;
	if (first === undefined || second === undefined) throw new Error("two bots are wanted");
	return [meet(world(), id), meet(world(), id, { bot: second }), second] as const;
}

describe("several bots", () => {
	test("each answers in its own chat, and to each a person is somebody of his own", async () => {
		const [one, other, second] = meetTwice(810);
		await one.ask("/new");
		await other.ask("/new");
		const [here, there] = [one.send("here"), other.send("there")];
		await Promise.all([one.answered(here), other.answered(there)]);
		expect(one.since(here)).toEqual(["re: here"]);
		expect(other.since(there)).toEqual(["re: there"]);
		const ids = await Promise.all([
			findAccount(world(), one.chat),
			findAccount({ db: world().db, bot: second }, other.chat),
		]);
		expect(ids[0]).not.toBe(ids[1]);
	});
});

describe("/link", () => {
	test("joins a second chat to the account by its deep link, tells the first, and can be undone", async () => {
		const { db } = world();
		const [one, other, second] = meetTwice(820);
		await one.ask("/new");
		await one.ask("What it costs");
		const [link = ""] = await one.ask("/link");
		const deep = /https:\/\/t\.me\/rock0_bot\?start=([\w-]{22})/.exec(link)?.[1] ?? "";
		expect(deep).toHaveLength(22);

		expect(await other.ask(`/start ${deep}`)).toEqual([
			expect.stringContaining("belongs to your other account"),
		]);
		expect(await one.reads(/Another chat \(telegram, Person 820\) has just joined/)).toBeDefined();
		const accountId = await findAccount(world(), one.chat);
		expect(await findAccount({ db, bot: second }, other.chat)).toBe(accountId);
		const [before] = await other.ask("/usage");
		expect(before).toBe((await one.ask("/usage"))[0]);
		await other.ask("Who pays for this?");
		expect((await readLedger(world(), accountId)).calls).toHaveLength(2);

		expect(await other.ask(`/start ${deep}`)).toEqual([expect.stringContaining("BIND_CODE_INVALID")]);
		await other.ask("/unbind");
		expect((await other.press("Leave the account")).texts).toEqual([
			expect.stringContaining("account of its own"),
		]);
		await other.ask("And who for this?");
		expect(await findAccount({ db, bot: second }, other.chat)).not.toBe(accountId);
		expect((await readLedger(world(), accountId)).calls).toHaveLength(2);
	});

	test("by two at once serves one", async () => {
		const one = meet(world(), 821);
		const code = /\/bind ([A-Z0-9-]+)/.exec((await one.ask("/link")).join())?.[1] ?? "";
		const [left, right] = [meet(world(), 822), meet(world(), 823)];
		const answers = await Promise.all([left.ask(`/bind ${code}`), right.ask(code.toLowerCase())]);
		const joined = answers.flat().filter((text) => text.includes("other account"));
		const refused = answers.flat().filter((text) => text.includes("BIND_CODE_INVALID"));
		expect([joined.length, refused.length]).toEqual([1, 1]);
	});
});

describe("by invitation only", () => {
	const invited = useWorld({
		env: ([bot]) => ({ JOIN_MODE: "invite", STAFF: `telegram:${bot?.id}:${STAFF_ID}` }),
	});

	test("a stranger is told how to get in, three times a day, and a code lets him in", async () => {
		invited().model.onMessage(/./, { content: "Welcome in." });
		const stranger = meet(invited(), 850);
		const texts: string[] = [];
		for (let at = 0; at < 5; at += 1) texts.push(...(await stranger.ask("Let me in")));
		expect(texts).toHaveLength(3);
		expect(texts[0]).toContain("by invitation");
		expect(invited().model.getRequests()).toEqual([]);

		const [issued = ""] = await meet(invited(), STAFF_ID).ask("/issue starter_20");
		const code = /\/bind ([A-Z0-9-]+)/.exec(issued)?.[1] ?? "";
		expect((await stranger.ask(`/bind ${code}`)).join()).toContain("Your plan is now Starter");
		expect((await stranger.ask("Let me in")).at(0)).toBe("Welcome in.");
	});
});

describe("a plan", () => {
	test("is issued by staff and bound by the customer, once", async () => {
		const staff = meet(world(), STAFF_ID);
		const customer = meet(world(), 830);
		const [issued = ""] = await staff.ask("/issue pro_40 1");
		const code = /\/bind ([A-Z0-9-]+)/.exec(issued)?.[1] ?? "";
		expect(issued).toMatch(/Pro.*1 month/s);
		expect((await customer.ask("/usage"))[0]).toMatch(/Free.*of 5,000/s);
		expect(await customer.ask(`/bind ${code}`)).toEqual([
			expect.stringMatching(/Your plan is now Pro, until/),
		]);
		expect((await customer.ask("/usage"))[0]).toMatch(/Pro.*of 100,000/s);
		const ledger = await readLedger(world(), await findAccount(world(), customer.chat));
		expect(ledger).toMatchObject({ granted: 100_000, posted: 0 });
		const other = meet(world(), 831);
		expect((await other.ask(`/bind ${code}`))[0]).toContain("BIND_CODE_INVALID");
	});

	test("with agreed tokens needs the figure", async () => {
		const staff = meet(world(), STAFF_ID);
		expect((await staff.ask("/issue team"))[0]).toContain("/issue PLAN");
		const [issued = ""] = await staff.ask("/issue team - 1234567");
		const code = /\/bind ([A-Z0-9-]+)/.exec(issued)?.[1] ?? "";
		const customer = meet(world(), 832);
		await customer.ask(`/bind ${code}`);
		expect((await customer.ask("/usage"))[0]).toContain("of 1,234,567 tokens");
	});

	test("cannot be issued by anybody else: the command does not exist for him", async () => {
		const ann = meet(world(), 840);
		const [answer] = await ann.ask("/issue max_200");
		expect(answer).toMatch(/\/issue.*\/help/s);
		expect(await world().db("bind_codes").where({ plan_id: "max_200" })).toEqual([]);
		// Staff is one person of one bot, not whoever has the same number with another.
		const [, imposter] = meetTwice(STAFF_ID);
		expect((await imposter.ask("/issue max_200"))[0]).toBe(answer);
	});
});
