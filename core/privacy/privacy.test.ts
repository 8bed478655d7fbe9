import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Knex } from "knex";
import { createTurnContexts } from "../accounts/turn-contexts.ts";
import { configureAgent } from "../agents/configure-agent.ts";
import { issueKey } from "../api-keys/issue-key.ts";
import { createKeyGrants } from "../api-keys/key-grants.ts";
import { issueLinkCode, issuePlanCode } from "../bind-codes/issue-code.ts";
import { redeemBindCode } from "../bind-codes/redeem-code.ts";
import { startNew } from "../db/conversations.ts";
import { deleteOldPeople } from "../db/people-retention.ts";
import { beginRequest, finishRequest } from "../gateway/keys/idempotency.ts";
import { createKeyCaps } from "../gateway/keys/key-caps.ts";
import { createInstance } from "../instances/create-instance.ts";
import { createLedger } from "../ledger/create-ledger.ts";
import { MICRO } from "../ledger/ledger.ts";
import type { Sender } from "../pipeline/message.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { findEverywhere } from "../testing/find-everywhere.ts";
import {
	joinAs,
	makeSender,
	PEPPER,
	privateChat,
	privateLane,
	reserveTokens,
	spendTokens,
	subscribe,
} from "../testing/people.ts";
import { insertEvent, insertUsage } from "../testing/stored-turns.ts";
import { deleteAccount } from "./delete-account.ts";
import { exportAccount } from "./export-account.ts";

let testDb: TestDb;
let db: Knex;

beforeAll(async () => {
	testDb = await createTestDb();
	db = testDb.db;
});
afterAll(async () => await testDb.destroy());

/** A word that occurs in everything a person leaves behind. */
const CANARY = "xyzzy-canary";
const group = "telegram:7:-900";

/** Somebody who has used everything there is. */
async function liveALife(
	canary: string,
): Promise<{ sender: Sender; accountId: string; key: string; events: string[] }> {
	const sender = makeSender("telegram", `Ann ${canary}`);
	const accountId = await joinAs(db, sender);
	const lane = privateLane(sender);
	await configureAgent(db, { accountId, agentId: "coder", lane });
	await db.raw("update agent_configs set custom_soul = ? where account_id = ?", [canary, accountId]);
	await db.raw(
		"insert into dialogues (platform, bot_id, user_id, kind, state) values (?, ?, ?, 'onboarding', ?)",
		[sender.platform, sender.botId, sender.userId, JSON.stringify({ goal: canary })],
	);
	const { id: keyId, key } = await issueKey(db, accountId, { label: canary, dailyCapMicro: MICRO });
	await createKeyCaps(db).hold(
		{ keyId, dailyCapMicro: MICRO, idleCapMicro: undefined },
		{ reservationId: randomUUID(), wantedMicro: 1, source: "api", ttlMs: 60_000 },
	);
	const asked = { idempotencyKey: canary, bodyHash: Buffer.alloc(32) };
	const begun = await beginRequest(db, { keyId, accountId }, asked);
	if (begun.kind !== "new") throw new Error("nobody has asked this before");
	const contentType = `text/plain; name=${canary}`;
	await finishRequest(db, begun.request, { status: 200, contentType, body: Buffer.from("an answer") });
	const reservationId = await spendTokens(db, accountId, 7);
	const result = { replies: [{ markdown: canary }] };
	const events = [];
	for (const where of [lane, `${lane}#fast`, `${lane}:topic`, group, `http:http:${accountId}:default`]) {
		events.push(await insertEvent(db, { sender, lane: where, body: { text: canary }, result }));
	}
	for (const inboxId of events) {
		await db.raw("insert into outbox (inbox_id, part, content, state) values (?, 0, ?, 'done')", [
			inboxId,
			JSON.stringify({ text: canary }),
		]);
	}
	for (const [where, inboxId] of [
		[lane, events[0]],
		[group, events[3]],
	] as const) {
		await db.raw("insert into conversations (lane, account_id) values (?, ?) on conflict do nothing", [
			where,
			accountId,
		]);
		await db.raw(
			`insert into conversation_messages (lane, account_id, inbox_id, role, content, tokens) values (?, ?, ?, 'user', ?, 1)`,
			[where, accountId, inboxId ?? "0", canary],
		);
	}
	await insertUsage(db, { accountId, inboxId: events[0] ?? "0", reservationId, chargedMicro: 7 * MICRO });
	const house = {
		region: "here",
		host: "none",
		kind: "openclaw",
		release: "openclaw@2026.9.6",
		liveMax: 100,
	};
	const { instanceId } = await createInstance(db, house, { accountId: await subscribe(db, accountId) });
	// Of those that sleep, too.
	await db("instances")
		.where({ id: instanceId })
		.update({ watch: { why: canary }, desired: "stopped", deploy_until: null, asleep: true });
	await db("instance_samples").insert({ instance_id: instanceId, step_s: 15, at: new Date(), turns: 1 });
	await db("instance_events").insert({ instance_id: instanceId, kind: "ended", why: canary });
	return { sender, accountId, key, events };
}

describe("delete", () => {
	test("leaves none of the person's words, names and keys anywhere, and the figures where they were", async () => {
		const { sender, accountId, key } = await liveALife(CANARY);
		expect((await findEverywhere(db, CANARY)).length).toBeGreaterThan(12);
		expect(await deleteAccount(db, PEPPER, accountId)).toBe("deleted");

		expect(await findEverywhere(db, CANARY)).toEqual([]);
		await expect(createKeyGrants(db).find(key)).rejects.toMatchObject({
			code: "AUTH_INVALID_CREDENTIALS",
		});
		expect(await createTurnContexts(db)({ ...sender, lane: privateLane(sender) })).toBeUndefined();
		const left = await findEverywhere(db, `"${sender.userId}"`);
		expect(left.filter((row) => !/^(lanes|inbox):/.test(row))).toEqual([]);
		const { rows } = await db.raw("select charged_micro, inbox_id from usage_log where account_id = ?", [
			accountId,
		]);
		expect(rows).toEqual([{ charged_micro: String(7 * MICRO), inbox_id: null }]);
		const instances = await db("instances").where({ account_id: accountId }).whereRaw("purge_at <= now()");
		expect(instances).toMatchObject([{ desired: "deleted", watch: {} }]);
		expect((await db.raw<{ rows: unknown[] }>("select * from violations")).rows).toEqual([]);
		expect(await deleteAccount(db, PEPPER, accountId)).toBe("deleted");
	});

	test("waits while a call is under way and deletes nothing until then", async () => {
		const { sender, accountId } = await liveALife("busy-canary");
		const reservationId = await reserveTokens(db, accountId, 1);
		const before = await findEverywhere(db, "busy-canary");
		expect(await deleteAccount(db, PEPPER, accountId)).toBe("busy");
		expect(await findEverywhere(db, "busy-canary")).toEqual(before);
		expect((await createTurnContexts(db)({ ...sender, lane: "x" }))?.account?.status).toBe("active");
		await createLedger({ db }).settle({ reservationId, actualMicro: 0 });
		expect(await deleteAccount(db, PEPPER, accountId)).toBe("deleted");
	});

	test("leaves what others said in the same group, and events that still wait", async () => {
		const [ann, bob] = [await liveALife("ann-canary"), await liveALife("bob-canary")];
		const waiting = await insertEvent(db, {
			sender: ann.sender,
			lane: privateLane(ann.sender),
			body: { text: "still to do" },
			status: "ready",
		});
		const before = await findEverywhere(db, "bob-canary");
		await deleteAccount(db, PEPPER, ann.accountId);
		expect(await findEverywhere(db, "bob-canary")).toEqual(before);
		const { rows } = await db.raw("select body from inbox where id = ?", [waiting]);
		expect(rows).toEqual([{ body: { text: "still to do" } }]);
		await deleteAccount(db, PEPPER, bob.accountId);
	});

	test("keeps a sold plan code good when its issuer goes", async () => {
		const issuer = await joinAs(db, makeSender());
		const { code } = await issuePlanCode(db, PEPPER, {
			planId: "pro_40",
			months: 1,
			issuedByAccountId: issuer,
		});
		await issueLinkCode(db, PEPPER, issuer);
		await deleteAccount(db, PEPPER, issuer);
		const buyer = makeSender();
		const outcome = await redeemBindCode(db, PEPPER, {
			code,
			sender: buyer,
			chat: privateChat(buyer),
			language: "en",
			zone: "UTC",
			turnId: "1",
		});
		expect(outcome).toMatchObject({ kind: "plan", planName: "Pro" });
		await deleteAccount(db, PEPPER, outcome.accountId);
	});
});

describe("export", () => {
	test("carries everything held about the person and nobody else, without hashes", async () => {
		const [ann, bob] = [await liveALife("ann-export"), await liveALife("bob-export")];
		const text = await exportAccount(db, ann.accountId);
		const data = JSON.parse(text);
		expect(data.accountId).toBe(ann.accountId);
		expect(new Date(data.exportedAt).getTime()).toBeGreaterThan(0);
		expect(Object.keys(data).toSorted()).toEqual([
			"account",
			"accountId",
			"agents",
			"apiKeys",
			"bindCodes",
			"dialogues",
			"events",
			"exportedAt",
			"gatewayAnswers",
			"instanceSkills",
			"instances",
			"messages",
			"quota",
			"senders",
			"subscriptions",
			"usage",
		]);
		for (const section of Object.values<{ isComplete?: boolean }>(data)) {
			if (typeof section === "object") expect(section.isComplete).toBe(true);
		}
		expect(data.events.rows).toHaveLength(5);
		expect(data.messages.rows).toHaveLength(2);
		const [answer] = data.gatewayAnswers.rows;
		expect(Buffer.from(answer.answer_base64, "base64").toString()).toBe("an answer");
		expect(data.apiKeys.rows).toMatchObject([
			{ label: "ann-export", source: "api", daily_cap_micro: String(MICRO) },
		]);
		expect(text).toContain("ann-export");
		expect(text).not.toContain("bob-export");
		expect(text).not.toContain(ann.key);
		expect(text).not.toMatch(/hash/i);
		await deleteAccount(db, PEPPER, ann.accountId);
		await deleteAccount(db, PEPPER, bob.accountId);
	});

	test("of a long history keeps the newest and says that it is not all", async () => {
		const sender = makeSender();
		const accountId = await joinAs(db, sender);
		const lane = privateLane(sender);
		await db.raw("insert into conversations (lane, account_id) values (?, ?)", [lane, accountId]);
		await db.raw(
			`insert into conversation_messages (lane, account_id, inbox_id, role, content, tokens)
			select ?, ?, 1000000 + n, 'user', n || repeat('x', 1000000), 1 from generate_series(1, 12) n`,
			[lane, accountId],
		);
		const { messages } = JSON.parse(await exportAccount(db, accountId));
		expect(messages.isComplete).toBe(false);
		expect(messages.rows).toHaveLength(7);
		expect(messages.rows[0].content).toMatch(/^12x/);
	});
});

describe("retention", () => {
	test("throws away what is old and keeps what is not", async () => {
		await deleteOldPeople(db);
		const sender = makeSender();
		const accountId = await joinAs(db, sender);
		const lane = privateLane(sender);
		await issueLinkCode(db, PEPPER, accountId);
		await issueLinkCode(db, PEPPER, accountId);
		await db.raw("insert into conversations (lane, account_id) values (?, ?)", [lane, accountId]);
		await db.raw(
			`insert into conversation_messages (lane, account_id, inbox_id, role, content, tokens, created_at)
			select ?, ?, 2000000 + n, 'user', 'x', 1, now() - interval '31 days' from generate_series(1, 3) n`,
			[lane, accountId],
		);
		await startNew(db, lane, accountId);
		await db.raw(
			`insert into conversation_messages (lane, account_id, inbox_id, role, content, tokens, created_at)
			values (?, ?, 2000009, 'user', 'kept', 1, now() - interval '31 days')`,
			[lane, accountId],
		);
		await db.raw(
			"update bind_codes set expires_at = now() - interval '31 days' where id = (select min(id) from bind_codes where account_id = ?)",
			[accountId],
		);
		await db.raw(
			"insert into bind_attempts (scope, at) values ('x', now() - interval '25 hours'), ('x', now())",
		);
		await db.raw(
			"insert into senders (platform, bot_id, user_id, created_at) values ('telegram', '7', 'old', now() - interval '31 days'), ('telegram', '7', 'new', now())",
		);
		const [ended, good] = [await issueKey(db, accountId), await issueKey(db, accountId)];
		await db.raw("update api_keys set expires_at = now() - interval '31 days' where id = ?", [ended.id]);
		expect(await deleteOldPeople(db)).toBe(3 + 1 + 1 + 1 + 1);
		expect(await db("api_keys").where({ account_id: accountId }).pluck("id")).toEqual([good.id]);
		expect(await deleteOldPeople(db)).toBe(0);
		const { rows } = await db.raw("select content from conversation_messages where account_id = ?", [
			accountId,
		]);
		expect(rows).toEqual([{ content: "kept" }]);
	});

	test("removes what a turn of a deleted account left behind afterwards", async () => {
		const sender = makeSender();
		const accountId = await joinAs(db, sender);
		await deleteAccount(db, PEPPER, accountId);
		await db.raw("insert into conversations (lane, account_id) values ('late', ?)", [accountId]);
		await db.raw(
			"insert into conversation_messages (lane, account_id, inbox_id, role, content, tokens) values ('late', ?, 3000000, 'user', 'late-canary', 1)",
			[accountId],
		);
		await deleteOldPeople(db);
		expect(await findEverywhere(db, "late-canary")).toEqual([]);
	});
});
