import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Knex } from "knex";
import { unbindSender } from "../accounts/unbind-sender.ts";
import { issueKey } from "../api-keys/issue-key.ts";
import { setBanned } from "../db/accounts.ts";
import { listKeys } from "../db/api-keys.ts";
import { findSenderAccount } from "../db/senders.ts";
import { grant } from "../ledger/grants.ts";
import { activateSubscription } from "../plans/activate-subscription.ts";
import type { CodeDesk } from "../testing/code-desk.ts";
import { createCodeDesk } from "../testing/code-desk.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { mutateSql } from "../testing/mutate-sql.ts";
import {
	availableTokens,
	joinAs,
	makeSender,
	PEPPER,
	reserveTokens,
	spendTokens,
} from "../testing/people.ts";

let testDb: TestDb;
let db: Knex;
let desk: CodeDesk;

beforeAll(async () => {
	testDb = await createTestDb({ poolMax: 20 });
	db = testDb.db;
	desk = await createCodeDesk(db);
});
afterAll(async () => await testDb.destroy());
// Wrong codes of one test must not pause binding for the others.
beforeEach(async () => await db.raw("truncate bind_attempts"));

describe("a link code", () => {
	test("joins a second channel to the account and names who is there already", async () => {
		const ann = makeSender("telegram", "Ann");
		const account = await joinAs(db, ann);
		const code = await desk.issueLink(account);
		expect(code.code).toMatch(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
		const bob = makeSender("wechat", "Bob");
		const turnId = randomUUID();
		const outcome = await desk.redeem(bob, code.code, { turnId });
		expect(outcome).toEqual({ kind: "link", accountId: account, others: [ann] });
		expect(await findSenderAccount(db, bob)).toBe(account);
		expect(await desk.redeem(bob, code.code, { turnId })).toEqual(outcome);
	});

	test("closes the account the sender had for himself: no quota is doubled, no key lives on", async () => {
		const ann = makeSender();
		const bob = makeSender("wechat");
		const [account, own] = [await joinAs(db, ann), await joinAs(db, bob)];
		await issueKey(db, own);
		await spendTokens(db, own, 100);
		await desk.redeem(bob, (await desk.issueLink(account)).code);
		expect(await listKeys(db, own)).toEqual([]);
		const { rows } = await db.raw("select status from accounts where id = ?", [own]);
		expect(rows).toEqual([{ status: "deleted" }]);
		expect(await availableTokens(db, account)).toBe(5_000);

		expect(await unbindSender(db, PEPPER, bob, account)).toBe("unbound");
		expect(await unbindSender(db, PEPPER, bob, account)).toBe("unbound");
		const fresh = (await findSenderAccount(db, bob)) ?? "";
		expect([account, own]).not.toContain(fresh);
		expect(await availableTokens(db, fresh)).toBe(0);
		expect(await unbindSender(db, PEPPER, bob, fresh)).toBe("only-sender");
	});

	test("gives nobody an account of his own where people come in by invitation only", async () => {
		const [ann, stranger] = [makeSender(), makeSender()];
		const account = await joinAs(db, ann);
		await desk.redeem(stranger, (await desk.issueLink(account)).code);
		expect(await unbindSender(db, PEPPER, stranger, account, "invite")).toBe("out");
		expect(await unbindSender(db, PEPPER, stranger, account, "invite")).toBe("out");
		expect(await findSenderAccount(db, stranger)).toBeUndefined();
		expect(await unbindSender(db, PEPPER, ann, account, "invite")).toBe("only-sender");
		expect(await findSenderAccount(db, ann)).toBe(account);
	});

	test("is not used up before the owner of an account in use has said yes", async () => {
		const [ann, bob] = [makeSender("telegram", "Ann"), makeSender()];
		const [account, own] = [await joinAs(db, ann), await joinAs(db, bob)];
		await issueKey(db, own);
		const { deepLinkCode } = await desk.issueLink(account);
		const asks = await desk.redeem(bob, deepLinkCode, { asksFirst: true });
		expect(asks).toEqual({ kind: "asks", accountId: account, others: [ann], codeId: expect.any(String) });
		expect(await findSenderAccount(db, bob)).toBe(own);
		expect(await listKeys(db, own)).toHaveLength(1);
		const asked = { id: asks.kind === "asks" ? asks.codeId : "" };
		expect(await desk.redeem(bob, asked)).toMatchObject({ kind: "link", accountId: account });
		await expect(desk.redeem(bob, asked)).rejects.toMatchObject({ code: "BIND_CODE_INVALID" });
		const [fresh, code] = [makeSender(), await desk.issueLink(account)];
		await joinAs(db, fresh);
		expect(await desk.redeem(fresh, code.code, { asksFirst: true })).toMatchObject({ kind: "link" });
	});

	test("does not move a program: its key would carry off or erase the account of people", async () => {
		const [ann, bob] = [makeSender(), makeSender()];
		const [own, other] = [await joinAs(db, ann), await joinAs(db, bob)];
		await issueKey(db, own);
		const program = { platform: "http", botId: "http", userId: own } as const;
		await expect(desk.redeem(program, (await desk.issueLink(other)).code)).rejects.toMatchObject({
			code: "FORBIDDEN",
			details: { reason: "people-only" },
		});
		expect(await findSenderAccount(db, program)).toBe(own);
		expect(await findSenderAccount(db, ann)).toBe(own);
		expect(await listKeys(db, own)).toHaveLength(1);
	});

	test("only moves a sender out of an account others use too", async () => {
		const [ann, bob, cid] = [makeSender(), makeSender(), makeSender()];
		const [first, second] = [await joinAs(db, ann), await joinAs(db, bob)];
		await desk.redeem(cid, (await desk.issueLink(first)).code);
		await desk.redeem(cid, (await desk.issueLink(second)).code);
		expect(await findSenderAccount(db, cid)).toBe(second);
		expect(await findSenderAccount(db, ann)).toBe(first);
		expect(await availableTokens(db, first)).toBe(5_000);
	});

	test("used by its own account is told apart and not used up", async () => {
		const ann = makeSender();
		const account = await joinAs(db, ann);
		const { code } = await desk.issueLink(account);
		await expect(desk.redeem(ann, code)).rejects.toMatchObject({
			code: "BIND_CODE_INVALID",
			details: { reason: "own-code" },
		});
		expect(await desk.redeem(makeSender(), code)).toMatchObject({ kind: "link" });
	});

	/** @returns how many of 20 senders, all at once, came in by one code */
	async function race(victim: Knex): Promise<number> {
		const account = await joinAs(db, makeSender());
		const { code } = await desk.issueLink(account);
		const senders = Array.from({ length: 20 }, () => makeSender());
		await Promise.all(senders.map(async (sender) => await joinAs(db, sender)));
		const mutated = await createCodeDesk(victim);
		await Promise.allSettled(senders.map(async (sender) => await mutated.redeem(sender, code)));
		const accounts = await Promise.all(senders.map(async (sender) => await findSenderAccount(db, sender)));
		return accounts.filter((id) => id === account).length;
	}

	test("by 20 senders at once joins one", async () => {
		expect(await race(db)).toBe(1);
	});

	test("that is not used up in one statement joins several: the test above sees it", async () => {
		const guard =
			"where id = ? and used_at is null and revoked_at is null and expires_at > clock_timestamp()";
		expect(await race(mutateSql(db, guard, "where id = ?"))).toBeGreaterThan(1);
	});

	test("two accounts joining each other at once end in one account", async () => {
		const [ann, bob] = [makeSender(), makeSender()];
		const [first, second] = [await joinAs(db, ann), await joinAs(db, bob)];
		const codes = [await desk.issueLink(first), await desk.issueLink(second)] as const;
		const outcomes = await Promise.allSettled([
			desk.redeem(ann, codes[1].code),
			desk.redeem(bob, codes[0].code),
		]);
		expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
		expect(await findSenderAccount(db, ann)).toBe(await findSenderAccount(db, bob));
	});

	test.each([
		[
			"a paid plan",
			"account-has-plan",
			async (own: string) => {
				await db.transaction(async (trx) => {
					await activateSubscription(trx, { accountId: own, planId: "pro_40", months: 1, source: "test" });
				});
			},
		],
		[
			"a paid pack",
			"account-has-plan",
			async (own: string) => {
				await grant(db, {
					accountId: own,
					kind: "pack",
					tokens: 10,
					source: "test",
					externalId: randomUUID(),
				});
			},
		],
		[
			"a call under way",
			"account-busy",
			async (own: string) => {
				await reserveTokens(db, own, 1);
			},
		],
	])("is refused while the sender's own account holds %s, and stays good", async (_, reason, prepare) => {
		const bob = makeSender();
		const own = await joinAs(db, bob);
		await prepare(own);
		const { code } = await desk.issueLink();
		await expect(desk.redeem(bob, code)).rejects.toMatchObject({
			code: "REQUEST_INVALID",
			details: { reason },
		});
		expect(await findSenderAccount(db, bob)).toBe(own);
		expect(await desk.redeem(makeSender(), code)).toMatchObject({ kind: "link" });
	});

	test("is no way out of a ban, nor into one", async () => {
		const [ann, bob] = [makeSender(), makeSender()];
		const [account, own] = [await joinAs(db, ann), await joinAs(db, bob)];
		const { code } = await desk.issueLink(account);
		await setBanned(db, own, true);
		await expect(desk.redeem(bob, code)).rejects.toMatchObject({ code: "FORBIDDEN" });
		await setBanned(db, account, true);
		await expect(desk.redeem(makeSender(), code)).rejects.toMatchObject({ code: "BIND_CODE_INVALID" });
		await expect(desk.issueLink(account)).rejects.toMatchObject({ code: "FORBIDDEN" });
	});

	test("lives 10 minutes, and at most three are live", async () => {
		const account = await joinAs(db, makeSender());
		const issued = [];
		for (let round = 0; round < 4; round++) issued.push(await desk.issueLink(account));
		const { rows } = await db.raw<{ rows: { seconds: string; live: boolean }[] }>(
			`select round(extract(epoch from expires_at - created_at)) as seconds, revoked_at is null as live
			from bind_codes where account_id = ? order by id`,
			[account],
		);
		expect(rows.map(({ live }) => live)).toEqual([false, true, true, true]);
		expect(new Set(rows.map(({ seconds }) => Number(seconds)))).toEqual(new Set([600]));
		await expect(desk.redeem(makeSender(), issued[0]?.code ?? "")).rejects.toMatchObject({
			code: "BIND_CODE_INVALID",
		});
		await db.raw("update bind_codes set expires_at = now() where account_id = ?", [account]);
		await expect(desk.redeem(makeSender(), issued[3]?.code ?? "")).rejects.toMatchObject({
			code: "BIND_CODE_INVALID",
		});
	});
});
