import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Knex } from "knex";
import { usageBySource } from "../db/usage.ts";
import type { Inbound, Sender, TurnResult } from "../pipeline/message.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import {
	availableTokens,
	joinAs,
	makeSender,
	privateChat,
	privateLane,
	spendTokens,
} from "../testing/people.ts";
import { insertEvent, insertUsage } from "../testing/stored-turns.ts";
import { findLastTurn } from "./last-turn.ts";
import { refundTurn } from "./refund-turn.ts";
import type { StoredTurn } from "./usage.ts";

let testDb: TestDb;
let db: Knex;

beforeAll(async () => {
	testDb = await createTestDb();
	db = testDb.db;
});
afterAll(async () => await testDb.destroy());

const answered: TurnResult = {
	replies: [{ markdown: "answer" }],
	usage: { inputTokens: 1, outputTokens: 2, chargedTokens: 3 },
};
const command: TurnResult = { replies: [{ markdown: "usage" }] };
const failedWith = (code: "ROUTER_TIMEOUT" | "BIND_CODE_INVALID"): TurnResult => ({
	replies: [{ markdown: "sorry" }],
	error: { code, retryable: true },
});

/** Bodies of these tests are `{ user, text }`. */
function toInbound(sender: Sender): (turn: StoredTurn) => Inbound {
	return ({ body, platform, botId }) => {
		const { user, text } = body as { user: string; text: string };
		const content = { kind: "text", text, forwarded: false } as const;
		return { sender: { platform, botId, userId: user }, chat: privateChat(sender), content };
	};
}

describe("the last turn", () => {
	const sender = makeSender();
	const find = async (lane: string) => await findLastTurn(db, lane, sender, toInbound(sender));
	const say = async (
		lane: string,
		text: string,
		result: TurnResult | undefined,
		more: { user?: string; status?: string } = {},
	) =>
		await insertEvent(db, {
			sender,
			lane,
			body: { user: more.user ?? sender.userId, text },
			result,
			...(more.status !== undefined && { status: more.status }),
		});

	test("of a lane nobody wrote in is none", async () => {
		expect(await find("telegram:7:none")).toBeUndefined();
	});

	test("is the newest one that went to a model; commands and wrong codes do not count", async () => {
		const lane = "telegram:7:a";
		await say(lane, "first", answered);
		const inboxId = await say(lane, "second", answered);
		await say(lane, "/usage", command);
		await say(lane, "/bind X", failedWith("BIND_CODE_INVALID"));
		await say(lane, "/retry", undefined, { status: "ready" });
		expect(await find(lane)).toMatchObject({ inboxId, text: "second", failed: false, result: answered });
	});

	test("has failed when it ended in an error, was cut, or never ended", async () => {
		const [error, cut, dead] = ["telegram:7:b", "telegram:7:c", "telegram:7:d"];
		await say(error, "x", failedWith("ROUTER_TIMEOUT"));
		expect(await find(error)).toMatchObject({ failed: true });
		const inboxId = await say(cut, "x", answered);
		const accountId = await joinAs(db, makeSender());
		await insertUsage(db, { accountId, inboxId, outcome: "cut" });
		expect(await find(cut)).toMatchObject({ failed: true });
		await say(dead, "x", undefined, { status: "dead" });
		expect(await find(dead)).toMatchObject({ failed: true, result: undefined });
	});

	test("in a group is the asker's own", async () => {
		const lane = "telegram:7:-1";
		await say(lane, "mine", answered);
		await say(lane, "theirs", answered, { user: "somebody" });
		expect(await find(lane)).toMatchObject({ text: "mine" });
	});
});

describe("usage", () => {
	test("is summed by source, since an instant, for one account", async () => {
		const [own, foreign] = [await joinAs(db, makeSender()), await joinAs(db, makeSender())];
		await insertUsage(db, { accountId: own, chargedMicro: 5_000_000 });
		await insertUsage(db, { accountId: own, chargedMicro: 2_000_000 });
		await insertUsage(db, { accountId: own, source: "gateway", chargedMicro: 9_000_000 });
		await insertUsage(db, { accountId: foreign, chargedMicro: 1_000_000 });
		const since = new Date(Date.now() - 3_600_000);
		expect(await usageBySource(db, own, since)).toEqual([
			{ source: "gateway", calls: 1, inputTokens: 10, outputTokens: 20, chargedMicro: 9_000_000 },
			{ source: "chat", calls: 2, inputTokens: 20, outputTokens: 40, chargedMicro: 7_000_000 },
		]);
		expect(await usageBySource(db, own, new Date(Date.now() + 3_600_000))).toEqual([]);
	});
});

describe("a refund", () => {
	test("gives back what the turn cost this account, once", async () => {
		const sender = makeSender();
		const accountId = await joinAs(db, sender);
		const inboxId = await insertEvent(db, { sender, lane: privateLane(sender), body: {}, result: answered });
		const reservationId = await spendTokens(db, accountId, 300);
		await insertUsage(db, { accountId, inboxId, reservationId, chargedMicro: 300_000_000 });
		await insertUsage(db, { accountId, inboxId, reservationId: randomUUID(), chargedMicro: 0 });
		expect(await availableTokens(db, accountId)).toBe(4_700);

		const stranger = await joinAs(db, makeSender());
		expect(await refundTurn(db, { inboxId, accountId: stranger, source: "retry" })).toBe(0);
		const request = { inboxId, accountId, source: "retry" };
		const refunds = await Promise.all([1, 2, 3].map(async () => await refundTurn(db, request)));
		expect(refunds.toSorted((a, b) => a - b)).toEqual([0, 0, 300_000_000]);
		expect(await availableTokens(db, accountId)).toBe(5_000);
		expect(await availableTokens(db, stranger)).toBe(5_000);
	});
});
