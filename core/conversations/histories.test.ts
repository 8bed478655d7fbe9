import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Knex } from "knex";
import { createTurnContexts } from "../accounts/turn-contexts.ts";
import { moveConversation, startNew } from "../db/conversations.ts";
import type { Sender } from "../pipeline/message.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { joinAs, makeSender, privateLane } from "../testing/people.ts";
import { createHistories } from "./histories.ts";

let testDb: TestDb;
let db: Knex;
let inboxId = 0;

beforeAll(async () => {
	testDb = await createTestDb();
	db = testDb.db;
});
afterAll(async () => await testDb.destroy());

async function remember(
	lane: string,
	accountId: string,
	said: readonly string[],
	tokens = 10,
): Promise<void> {
	await db.raw("insert into conversations (lane, account_id) values (?, ?) on conflict do nothing", [
		lane,
		accountId,
	]);
	for (const [place, content] of said.entries()) {
		if (place % 2 === 0) inboxId += 1;
		await db.raw(
			"insert into conversation_messages (lane, account_id, inbox_id, role, content, tokens) values (?, ?, ?, ?, ?, ?)",
			[lane, accountId, inboxId, place % 2 === 0 ? "user" : "assistant", content, tokens],
		);
	}
}

async function load(sender: Sender, lane: string, tokensMax = 1_000): Promise<readonly string[]> {
	const account = (await createTurnContexts(db)({ ...sender, lane }))?.account;
	if (account === undefined) throw new Error("no account");
	const startsAfter = account.conversationStartsAfter;
	const history = await createHistories(db)({ lane, accountId: account.accountId, startsAfter, tokensMax });
	return history.map(({ content }) => content);
}

async function makePerson(): Promise<{ sender: Sender; account: string; lane: string }> {
	const sender = makeSender();
	return { sender, account: await joinAs(db, sender), lane: privateLane(sender) };
}

describe("a history", () => {
	test("is the end of the conversation, oldest first", async () => {
		const { sender, account, lane } = await makePerson();
		expect(await load(sender, lane)).toEqual([]);
		await remember(lane, account, ["q1", "a1", "q2", "a2"]);
		expect(await load(sender, lane)).toEqual(["q1", "a1", "q2", "a2"]);
	});

	test.each([
		[40, ["q1", "a1", "q2", "a2"]],
		[39, ["q2", "a2"]],
		[20, ["q2", "a2"]],
		[19, []],
		[0, []],
	])("of at most %i tokens never begins with an answer", async (tokensMax, expected) => {
		const { sender, account, lane } = await makePerson();
		await remember(lane, account, ["q1", "a1", "q2", "a2"]);
		expect(await load(sender, lane, tokensMax)).toEqual(expected);
	});

	test("has at most 100 messages, however small", async () => {
		const { sender, account, lane } = await makePerson();
		await remember(
			lane,
			account,
			Array.from({ length: 130 }, (_, place) => `m${place}`),
			0,
		);
		const history = await load(sender, lane);
		expect(history).toHaveLength(100);
		expect(history.at(-1)).toBe("m129");
	});

	test("is forgotten by /new, for this account in this lane alone", async () => {
		const { sender, account, lane } = await makePerson();
		const group = "telegram:7:-100";
		await remember(lane, account, ["q1", "a1"]);
		await remember(group, account, ["g1", "g2"]);
		await startNew(db, lane, account);
		expect(await load(sender, lane)).toEqual([]);
		expect(await load(sender, group)).toEqual(["g1", "g2"]);
		await remember(lane, account, ["q2", "a2"]);
		expect(await load(sender, lane)).toEqual(["q2", "a2"]);
	});

	test("in a group is each asker's own", async () => {
		const [ann, bob] = [await makePerson(), await makePerson()];
		const lane = "telegram:7:-200";
		await remember(lane, ann.account, ["ann asks", "for ann"]);
		await remember(lane, bob.account, ["bob asks", "for bob"]);
		expect(await load(ann.sender, lane)).toEqual(["ann asks", "for ann"]);
		expect(await load(bob.sender, lane)).toEqual(["bob asks", "for bob"]);
	});

	test("of a former account is not seen by the sender's next one", async () => {
		const { sender, account, lane } = await makePerson();
		await remember(lane, account, ["secret", "answer"]);
		const next = await makePerson();
		await db.raw("update senders set account_id = ? where user_id = ?", [next.account, sender.userId]);
		expect(await load(sender, lane)).toEqual([]);
	});

	test("moves with its chat, once", async () => {
		const { sender, account } = await makePerson();
		const [from, to] = ["telegram:7:-300", "telegram:7:-1000300"];
		await remember(from, account, ["q0", "a0"]);
		await startNew(db, from, account);
		await remember(from, account, ["q1", "a1"]);
		await moveConversation(db, from, to);
		await moveConversation(db, from, to);
		expect(await load(sender, from)).toEqual([]);
		expect(await load(sender, to)).toEqual(["q1", "a1"]);
	});

	test("is read for many lanes by one call", async () => {
		const people = await Promise.all(Array.from({ length: 60 }, makePerson));
		for (const { lane, account } of people) await remember(lane, account, [`${account} q`, `${account} a`]);
		const loadHistory = createHistories(db);
		const histories = await Promise.all(
			people.map(
				async ({ lane, account }) =>
					await loadHistory({ lane, accountId: account, startsAfter: "0", tokensMax: 100 }),
			),
		);
		for (const [place, { account }] of people.entries()) {
			expect(histories[place]?.map(({ content }) => content)).toEqual([`${account} q`, `${account} a`]);
		}
	});
});
