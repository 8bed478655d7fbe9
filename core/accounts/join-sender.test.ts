import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Knex } from "knex";
import { setBanned } from "../db/accounts.ts";
import { syncStaff, touchSender } from "../db/senders.ts";
import { changeZone } from "../ledger/accounts.ts";
import { createLedger } from "../ledger/create-ledger.ts";
import { MICRO } from "../ledger/ledger.ts";
import type { Sender } from "../pipeline/message.ts";
import { deleteAccount } from "../privacy/delete-account.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import type { JoinRequest } from "./join-sender.ts";
import { joinSender } from "./join-sender.ts";
import { createTurnContexts } from "./turn-contexts.ts";

const pepper = "pepper";
let testDb: TestDb;
let db: Knex;
let userCount = 0;

beforeAll(async () => {
	testDb = await createTestDb({ poolMax: 20 });
	db = testDb.db;
});
afterAll(async () => await testDb.destroy());

let sender: Sender;
beforeEach(() => {
	userCount += 1;
	sender = { platform: "telegram", botId: "7", userId: `${userCount}`, displayName: "Ann" };
});

function request(more: Partial<JoinRequest> = {}): JoinRequest {
	return { sender, mode: "auto", language: "ru", zone: "Europe/Moscow", staff: false, pepper, ...more };
}

async function join(more: Partial<JoinRequest> = {}): Promise<string> {
	const outcome = await joinSender(db, request(more));
	if (outcome.kind !== "joined") throw new Error("not joined");
	return outcome.accountId;
}

async function spendDay(accountId: string): Promise<void> {
	const ledger = createLedger({ db });
	const reservationId = crypto.randomUUID();
	await ledger.reserve({ reservationId, accountId, minimumMicro: 1, wantedMicro: MICRO, ttlMs: 60_000 });
	await ledger.settle({ reservationId, actualMicro: MICRO });
}

const find = async () => await createTurnContexts(db)({ ...sender, lane: `telegram:7:${sender.userId}` });

describe("joining", () => {
	test("makes an account with the free plan, and finds it the next time", async () => {
		expect(await find()).toBeUndefined();
		const first = await joinSender(db, request());
		expect(first).toMatchObject({ kind: "joined", created: true });
		expect(await joinSender(db, request())).toEqual({ ...first, created: false });
		expect(await find()).toMatchObject({
			isStaff: false,
			reachable: true,
			displayName: "Ann",
			dialogues: [],
			account: {
				status: "active",
				language: "ru",
				zone: "Europe/Moscow",
				policy: "BEST",
				onboarded: false,
				agent: undefined,
				instance: undefined,
				conversationStartsAfter: "0",
				subscription: {
					live: true,
					dailyTokens: 5_000,
					planName: "Free",
					caller: { planId: "free", priority: 9 },
				},
			},
		});
		const { availableMicro } = await createLedger({ db }).balance(await join());
		expect(availableMicro).toBe(5_000 * MICRO);
	});

	test("by 50 first messages in parallel makes one account and leaves no orphan", async () => {
		const before = await count("accounts");
		const outcomes = await Promise.all(
			Array.from({ length: 50 }, async () => await joinSender(db, request())),
		);
		const ids = new Set(outcomes.map((one) => (one.kind === "joined" ? one.accountId : "")));
		expect(ids.size).toBe(1);
		expect(outcomes.filter((one) => one.kind === "joined" && one.created)).toHaveLength(1);
		expect((await count("accounts")) - before).toBe(1);
	});

	test("into an unknown zone leaves nothing behind", async () => {
		const before = await count("accounts");
		await expect(joinSender(db, request({ zone: "../x" }))).rejects.toMatchObject({
			code: "REQUEST_INVALID",
		});
		expect(await count("accounts")).toBe(before);
		expect(await find()).toBeUndefined();
	});

	test("is refused to a program whose account is gone", async () => {
		const program = { platform: "http", botId: "http", userId: "12345678" } as const;
		await expect(joinSender(db, request({ sender: program }))).rejects.toMatchObject({
			code: "AUTH_INVALID_CREDENTIALS",
		});
	});

	test("survives names PostgreSQL cannot hold", async () => {
		await join({ sender: { ...sender, displayName: "a\0b\ud83d" } });
		expect((await find())?.displayName).toBe("ab\ufffd");
		await touchSender(db, { ...sender, displayName: "x".repeat(5_000) });
		expect((await find())?.displayName).toHaveLength(200);
	});
});

describe("by invitation only", () => {
	test("a stranger gets three hints a day and then silence", async () => {
		const hints: unknown[] = [];
		for (let round = 0; round < 5; round++) hints.push(await joinSender(db, request({ mode: "invite" })));
		expect(hints).toEqual([
			{ kind: "invite-only", hint: true },
			{ kind: "invite-only", hint: true },
			{ kind: "invite-only", hint: true },
			{ kind: "invite-only", hint: false },
			{ kind: "invite-only", hint: false },
		]);
		expect(await find()).toMatchObject({ account: undefined });
		await db.raw("update senders set hint_day = hint_day - 1 where user_id = ?", [sender.userId]);
		expect(await joinSender(db, request({ mode: "invite" }))).toEqual({ kind: "invite-only", hint: true });
	});

	test("staff get in, also when they were strangers before", async () => {
		await joinSender(db, request({ mode: "invite" }));
		expect(await joinSender(db, request({ mode: "invite", staff: true }))).toMatchObject({ created: true });
		expect(await find()).toMatchObject({ isStaff: true });
	});
});

test("staff are exactly those the configuration names", async () => {
	await join();
	await syncStaff(db, [sender, { platform: "telegram", botId: "8", userId: sender.userId }]);
	expect((await find())?.isStaff).toBe(true);
	await syncStaff(db, []);
	expect((await find())?.isStaff).toBe(false);
});

test("whoever sits at the terminal stays staff from one start to the next", async () => {
	const local = { platform: "terminal", botId: "local", userId: "root" } as const;
	await joinSender(db, request({ sender: local, staff: true }));
	await syncStaff(db, []);
	const context = await createTurnContexts(db)({ ...local, lane: "terminal:local:root" });
	expect(context?.isStaff).toBe(true);
});

test("a new zone is the person's own at once, also while the day under way ends by the former one", async () => {
	const accountId = await join();
	await spendDay(accountId);
	await changeZone(db, accountId, "Asia/Tokyo");
	expect((await find())?.account?.zone).toBe("Asia/Tokyo");
});

describe("coming back after leaving", () => {
	test("starts anew, without a second grant for the day", async () => {
		const first = await join();
		await spendDay(first);
		expect(await deleteAccount(db, pepper, first)).toBe("deleted");
		expect(await find()).toBeUndefined();

		const second = await join();
		expect(second).not.toBe(first);
		const ledger = createLedger({ db });
		expect(await ledger.balance(second)).toMatchObject({ availableMicro: 0 });
		const reservationId = crypto.randomUUID();
		expect(
			await ledger.reserve({
				reservationId,
				accountId: second,
				minimumMicro: 1,
				wantedMicro: 1,
				ttlMs: 60_000,
			}),
		).toMatchObject({ kind: "insufficient" });
	});

	test("in a zone whose day ends earlier waits for the end of the former day", async () => {
		const first = await join({ zone: "Pacific/Kiritimati" });
		await spendDay(first);
		const { resetsAt: formerEnd } = await createLedger({ db }).balance(first);
		await deleteAccount(db, pepper, first);
		const { resetsAt } = await createLedger({ db }).balance(await join({ zone: "Pacific/Niue" }));
		expect(resetsAt?.getTime()).toBeGreaterThanOrEqual(formerEnd?.getTime() ?? Number.POSITIVE_INFINITY);
	});

	test("gets the day's grant when it was never touched", async () => {
		await deleteAccount(db, pepper, await join());
		expect((await createLedger({ db }).balance(await join())).availableMicro).toBe(5_000 * MICRO);
	});

	test("stays banned, and is forgotten after 30 days", async () => {
		const first = await join();
		await setBanned(db, first, true);
		await deleteAccount(db, pepper, first);
		const second = await join();
		expect((await find())?.account?.status).toBe("banned");
		await setBanned(db, second, false);
		await deleteAccount(db, pepper, second);
		await db.raw("update sender_tombstones set expires_at = now()");
		await join();
		expect((await find())?.account?.status).toBe("active");
	});

	test("is not known by what is stored to anybody without the pepper", async () => {
		await deleteAccount(db, pepper, await join());
		expect((await joinSender(db, request({ pepper: "other" }))).kind).toBe("joined");
		const { rows } = await db.raw<{ rows: { row: string }[] }>(
			"select to_jsonb(t)::text as row from sender_tombstones t",
		);
		expect(rows.some(({ row }) => row.includes(`"${sender.userId}"`))).toBe(false);
	});
});

test("many contexts are read by one call, each for its own key", async () => {
	const senders = Array.from({ length: 120 }, (_, place) => ({
		...sender,
		userId: `many-${userCount}-${place}`,
	}));
	await Promise.all(senders.slice(0, 100).map(async (one) => await joinSender(db, request({ sender: one }))));
	const load = createTurnContexts(db);
	const contexts = await Promise.all(senders.map(async (one) => await load({ ...one, lane: "x" })));
	expect(contexts.slice(0, 100).every((context) => context?.account !== undefined)).toBe(true);
	expect(contexts.slice(100).every((context) => context === undefined)).toBe(true);
	expect(new Set(contexts.map((context) => context?.account?.accountId)).size).toBe(101);
});

async function count(table: string): Promise<number> {
	const { rows } = await db.raw<{ rows: { n: string }[] }>("select count(*) as n from ??", [table]);
	return Number(rows[0]?.n);
}
