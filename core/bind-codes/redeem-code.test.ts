import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Knex } from "knex";
import { createTurnContexts } from "../accounts/turn-contexts.ts";
import { unbindSender } from "../accounts/unbind-sender.ts";
import { issueKey } from "../api-keys/issue-key.ts";
import { setBanned } from "../db/accounts.ts";
import { listKeys } from "../db/api-keys.ts";
import { findSenderAccount } from "../db/senders.ts";
import { grant } from "../ledger/grants.ts";
import type { Sender } from "../pipeline/message.ts";
import { activateSubscription } from "../plans/activate-subscription.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import {
	availableTokens,
	joinAs,
	makeSender,
	PEPPER,
	privateChat,
	privateLane,
	reserveTokens,
	spendTokens,
} from "../testing/people.ts";
import { createTypedCode, formatTypedCode } from "./code.ts";
import { issueLinkCode, issuePlanCode } from "./issue-code.ts";
import type { RedeemRequest } from "./redeem-code.ts";
import { redeemBindCode, revokeExposedCode } from "./redeem-code.ts";

let testDb: TestDb;
let db: Knex;
let staff: string;

beforeAll(async () => {
	testDb = await createTestDb({ poolMax: 20 });
	db = testDb.db;
	staff = await joinAs(db, makeSender());
});
afterAll(async () => await testDb.destroy());
// Wrong codes of one test must not pause binding for the others.
beforeEach(async () => await db.raw("truncate bind_attempts"));

function request(sender: Sender, code: string, more: Partial<RedeemRequest> = {}): RedeemRequest {
	return {
		code,
		sender,
		chat: privateChat(sender),
		language: "en",
		zone: "UTC",
		turnId: randomUUID(),
		...more,
	};
}

async function redeem(sender: Sender, code: string, more: Partial<RedeemRequest> = {}) {
	return await redeemBindCode(db, PEPPER, request(sender, code, more));
}

async function issuePlan(planId = "starter_20", months = 1) {
	return await issuePlanCode(db, PEPPER, { planId, months, issuedByAccountId: staff });
}

const planOf = async (sender: Sender) =>
	(await createTurnContexts(db)({ ...sender, lane: privateLane(sender) }))?.account?.subscription;

const wrongCode = () => formatTypedCode(createTypedCode(10));

describe("a plan code", () => {
	test("activates the plan at once, also for a sender without an account", async () => {
		const ann = makeSender();
		await joinAs(db, ann);
		const code = await issuePlan();
		expect(code.code).toMatch(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/);
		expect(await redeem(ann, code.code)).toMatchObject({ kind: "plan", planName: "Starter" });
		expect(await planOf(ann)).toMatchObject({ dailyTokens: 50_000, caller: { planId: "starter_20" } });

		const stranger = makeSender();
		const { deepLinkCode } = await issuePlanCode(db, PEPPER, {
			planId: "pro_40",
			months: undefined,
			issuedByAccountId: staff,
		});
		const outcome = await redeem(stranger, deepLinkCode, { language: "ru" });
		expect(outcome).toMatchObject({ kind: "plan", planName: "Pro", endsAt: undefined });
		expect(await availableTokens(db, outcome.accountId)).toBe(100_000);
	});

	test("works once, in whichever form", async () => {
		const code = await issuePlan();
		await redeem(makeSender(), code.code.toLowerCase());
		for (const form of [code.code, code.deepLinkCode]) {
			await expect(redeem(makeSender(), form)).rejects.toMatchObject({ code: "BIND_CODE_INVALID" });
		}
	});

	test("redeemed by 50 senders at the same moment activates one plan", async () => {
		const { code } = await issuePlan();
		const senders = Array.from({ length: 50 }, () => makeSender());
		await Promise.all(senders.map(async (sender) => await joinAs(db, sender)));
		const outcomes = await Promise.allSettled(senders.map(async (sender) => await redeem(sender, code)));
		expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
		for (const outcome of outcomes) {
			if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "BIND_CODE_INVALID" });
		}
		const { rows } = await db.raw<{ rows: { n: string }[] }>(
			"select count(*) as n from subscriptions where source = 'bind-code' and external_id = (select id::text from bind_codes order by id desc limit 1)",
		);
		expect(rows).toEqual([{ n: "1" }]);
	});

	test("redeemed again by the same turn, as after a crash, gives the same answer", async () => {
		const ann = makeSender();
		const { code } = await issuePlan();
		const turnId = randomUUID();
		const first = await redeem(ann, code, { turnId });
		expect(await redeem(ann, code, { turnId })).toEqual({ ...first });
		await expect(redeem(ann, code)).rejects.toMatchObject({ code: "BIND_CODE_INVALID" });
	});

	test("for the running plan adds its months to the end", async () => {
		const ann = makeSender();
		const first = await redeem(ann, (await issuePlan()).code);
		const second = await redeem(ann, (await issuePlan("starter_20", 2)).code);
		if (first.kind !== "plan" || second.kind !== "plan") throw new Error("not a plan");
		const { rows } = await db.raw<{ rows: { same: boolean }[] }>(
			"select ?::timestamptz + interval '2 months' = ?::timestamptz as same",
			[first.endsAt?.toISOString() ?? null, second.endsAt?.toISOString() ?? null],
		);
		expect(rows).toEqual([{ same: true }]);
		expect(second.replacedPlanId).toBeUndefined();
	});

	test("for another plan says which one ended", async () => {
		const ann = makeSender();
		await redeem(ann, (await issuePlan()).code);
		expect(await redeem(ann, (await issuePlan("max_200")).code)).toMatchObject({
			replacedPlanId: "starter_20",
		});
	});

	test("gives somebody who left today his paid tokens at once", async () => {
		const ann = makeSender();
		const bob = makeSender("wechat");
		const shared = await joinAs(db, ann);
		await redeem(bob, (await issueLinkCode(db, PEPPER, shared)).code);
		await unbindSender(db, PEPPER, bob, shared);
		const own = (await findSenderAccount(db, bob)) ?? "";
		expect(await availableTokens(db, own)).toBe(0);
		await redeem(bob, (await issuePlan()).code);
		expect(await availableTokens(db, own)).toBe(50_000);
	});

	test("is refused to a banned account and stays good", async () => {
		const ann = makeSender();
		const { code } = await issuePlan();
		await setBanned(db, await joinAs(db, ann), true);
		await expect(redeem(ann, code)).rejects.toMatchObject({ code: "FORBIDDEN" });
		expect(await redeem(makeSender(), code)).toMatchObject({ kind: "plan" });
	});

	test.each([
		["an unknown plan", { planId: "gold", months: 1 }, "plan-unknown"],
		["a plan without a figure", { planId: "team", months: 1 }, "plan-tokens-missing"],
		["0 months", { planId: "starter_20", months: 0 }, undefined],
		["1.5 months", { planId: "starter_20", months: 1.5 }, undefined],
		["121 months", { planId: "starter_20", months: 121 }, undefined],
		["a negative figure", { planId: "team", months: 1, dailyTokens: -5 }, undefined],
		["31 days of validity", { planId: "starter_20", months: 1, validityMs: 31 * 86_400_000 }, undefined],
	])("is not issued for %s", async (_, wish, reason) => {
		const issued = issuePlanCode(db, PEPPER, { ...wish, issuedByAccountId: staff });
		await expect(issued).rejects.toMatchObject({
			code: "REQUEST_INVALID",
			details: reason === undefined ? {} : { reason },
		});
	});

	test("carries the figure of a plan that leaves it to the issuer", async () => {
		const ann = makeSender();
		const { code } = await issuePlanCode(db, PEPPER, {
			planId: "team",
			months: 1,
			dailyTokens: 7_000,
			issuedByAccountId: staff,
		});
		await redeem(ann, code);
		expect(await planOf(ann)).toMatchObject({ dailyTokens: 7_000, planName: "Team" });
	});
});

describe("a link code", () => {
	test("joins a second channel to the account and names who is there already", async () => {
		const ann = makeSender("telegram", "Ann");
		const account = await joinAs(db, ann);
		const code = await issueLinkCode(db, PEPPER, account);
		expect(code.code).toMatch(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
		const bob = makeSender("wechat", "Bob");
		const turnId = randomUUID();
		const outcome = await redeem(bob, code.code, { turnId });
		expect(outcome).toEqual({ kind: "link", accountId: account, others: [ann] });
		expect(await findSenderAccount(db, bob)).toBe(account);
		expect(await redeem(bob, code.code, { turnId })).toEqual(outcome);
	});

	test("closes the account the sender had for himself: no quota is doubled, no key lives on", async () => {
		const ann = makeSender();
		const bob = makeSender("wechat");
		const [account, own] = [await joinAs(db, ann), await joinAs(db, bob)];
		await issueKey(db, own);
		await spendTokens(db, own, 100);
		await redeem(bob, (await issueLinkCode(db, PEPPER, account)).code);
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

	test("only moves a sender out of an account others use too", async () => {
		const [ann, bob, cid] = [makeSender(), makeSender(), makeSender()];
		const [first, second] = [await joinAs(db, ann), await joinAs(db, bob)];
		await redeem(cid, (await issueLinkCode(db, PEPPER, first)).code);
		await redeem(cid, (await issueLinkCode(db, PEPPER, second)).code);
		expect(await findSenderAccount(db, cid)).toBe(second);
		expect(await findSenderAccount(db, ann)).toBe(first);
		expect(await availableTokens(db, first)).toBe(5_000);
	});

	test("used by its own account is told apart and not used up", async () => {
		const ann = makeSender();
		const account = await joinAs(db, ann);
		const { code } = await issueLinkCode(db, PEPPER, account);
		await expect(redeem(ann, code)).rejects.toMatchObject({
			code: "BIND_CODE_INVALID",
			details: { reason: "own-code" },
		});
		expect(await redeem(makeSender(), code)).toMatchObject({ kind: "link" });
	});

	test("by two senders at once joins one", async () => {
		const account = await joinAs(db, makeSender());
		const { code } = await issueLinkCode(db, PEPPER, account);
		const senders = Array.from({ length: 20 }, () => makeSender());
		await Promise.all(senders.map(async (sender) => await joinAs(db, sender)));
		const outcomes = await Promise.allSettled(senders.map(async (sender) => await redeem(sender, code)));
		expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
		const accounts = await Promise.all(senders.map(async (sender) => await findSenderAccount(db, sender)));
		expect(accounts.filter((id) => id === account)).toHaveLength(1);
	});

	test("two accounts joining each other at once end in one account", async () => {
		const [ann, bob] = [makeSender(), makeSender()];
		const [first, second] = [await joinAs(db, ann), await joinAs(db, bob)];
		const codes = [await issueLinkCode(db, PEPPER, first), await issueLinkCode(db, PEPPER, second)] as const;
		const outcomes = await Promise.allSettled([redeem(ann, codes[1].code), redeem(bob, codes[0].code)]);
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
		const { code } = await issueLinkCode(db, PEPPER, await joinAs(db, makeSender()));
		await expect(redeem(bob, code)).rejects.toMatchObject({ code: "REQUEST_INVALID", details: { reason } });
		expect(await findSenderAccount(db, bob)).toBe(own);
		expect(await redeem(makeSender(), code)).toMatchObject({ kind: "link" });
	});

	test("is no way out of a ban, nor into one", async () => {
		const [ann, bob] = [makeSender(), makeSender()];
		const [account, own] = [await joinAs(db, ann), await joinAs(db, bob)];
		const { code } = await issueLinkCode(db, PEPPER, account);
		await setBanned(db, own, true);
		await expect(redeem(bob, code)).rejects.toMatchObject({ code: "FORBIDDEN" });
		await setBanned(db, account, true);
		await expect(redeem(makeSender(), code)).rejects.toMatchObject({ code: "BIND_CODE_INVALID" });
		await expect(issueLinkCode(db, PEPPER, account)).rejects.toMatchObject({ code: "FORBIDDEN" });
	});

	test("lives 10 minutes, and at most three are live", async () => {
		const account = await joinAs(db, makeSender());
		const issued = [];
		for (let round = 0; round < 4; round++) issued.push(await issueLinkCode(db, PEPPER, account));
		const { rows } = await db.raw<{ rows: { seconds: string; live: boolean }[] }>(
			`select round(extract(epoch from expires_at - created_at)) as seconds, revoked_at is null as live
			from bind_codes where account_id = ? order by id`,
			[account],
		);
		expect(rows.map(({ live }) => live)).toEqual([false, true, true, true]);
		expect(new Set(rows.map(({ seconds }) => Number(seconds)))).toEqual(new Set([600]));
		await expect(redeem(makeSender(), issued[0]?.code ?? "")).rejects.toMatchObject({
			code: "BIND_CODE_INVALID",
		});
		await db.raw("update bind_codes set expires_at = now() where account_id = ?", [account]);
		await expect(redeem(makeSender(), issued[3]?.code ?? "")).rejects.toMatchObject({
			code: "BIND_CODE_INVALID",
		});
	});
});

describe("in a group a code", () => {
	test("is refused and worthless from then on", async () => {
		const ann = makeSender();
		const { code } = await issuePlan();
		const chat = { ...privateChat(ann), id: "-100", kind: "group" } as const;
		await expect(redeem(ann, code, { chat })).rejects.toMatchObject({
			code: "FORBIDDEN",
			details: { reason: "code-in-group" },
		});
		await expect(redeem(ann, code)).rejects.toMatchObject({ code: "BIND_CODE_INVALID" });
	});

	test("that is none does no harm", async () => {
		await revokeExposedCode(db, PEPPER, "hello everybody");
		await revokeExposedCode(db, PEPPER, wrongCode());
	});
});

describe("guessing", () => {
	test("five wrong codes within 10 minutes shut the chat out for an hour, right codes too", async () => {
		const ann = makeSender();
		const { code } = await issuePlan();
		for (let round = 0; round < 5; round++) {
			await expect(redeem(ann, wrongCode())).rejects.toMatchObject({ code: "BIND_CODE_INVALID" });
		}
		const refused = redeem(ann, code);
		await expect(refused).rejects.toMatchObject({ code: "RATE_LIMITED" });
		const waitMs = await refused.catch((error) => error.details.retryAfterMs);
		expect(waitMs).toBeGreaterThan(3_590_000);
		expect(waitMs).toBeLessThanOrEqual(3_600_000);
		expect(await redeem(makeSender(), (await issuePlan()).code)).toMatchObject({ kind: "plan" });

		await db.raw("update bind_attempts set at = at - interval '61 minutes'");
		expect(await redeem(ann, code)).toMatchObject({ kind: "plan" });
	});

	test("five wrong codes over more than 10 minutes do not", async () => {
		const ann = makeSender();
		for (let round = 0; round < 6; round++) {
			await expect(redeem(ann, wrongCode())).rejects.toMatchObject({ code: "BIND_CODE_INVALID" });
			await db.raw("update bind_attempts set at = at - interval '3 minutes'");
		}
	});

	test("in parallel gets no more than five tries", async () => {
		const ann = makeSender();
		const outcomes = await Promise.allSettled(
			Array.from({ length: 30 }, async () => await redeem(ann, wrongCode())),
		);
		const codes = outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason.code : "?"));
		expect(codes.filter((code) => code === "BIND_CODE_INVALID")).toHaveLength(5);
		expect(codes.filter((code) => code === "RATE_LIMITED")).toHaveLength(25);
	});

	test("a hundred times a minute pauses binding for everybody", async () => {
		await db.raw("insert into bind_attempts (scope) select '*' from generate_series(1, 99)");
		await expect(redeem(makeSender(), wrongCode())).rejects.toMatchObject({ code: "BIND_CODE_INVALID" });
		const { code } = await issuePlan();
		const refused = redeem(makeSender(), code);
		await expect(refused).rejects.toMatchObject({ code: "RATE_LIMITED" });
		expect(await refused.catch((error) => error.details.retryAfterMs)).toBeLessThanOrEqual(61_000);
		await db.raw("update bind_attempts set at = at - interval '61 seconds'");
		expect(await redeem(makeSender(), code)).toMatchObject({ kind: "plan" });
	});

	test("with what cannot be a code is refused without being counted", async () => {
		const ann = makeSender();
		for (const input of ["", "x".repeat(65), "%00", "a\0b", "'; drop table bind_codes; --"]) {
			await expect(redeem(ann, input)).rejects.toMatchObject({ code: "BIND_CODE_INVALID" });
		}
		const { rows } = await db.raw("select 1 from bind_attempts");
		expect(rows).toEqual([]);
	});

	test("nothing stored gives a code away", async () => {
		const { code, deepLinkCode } = await issuePlan();
		const { rows } = await db.raw<{ rows: { row: string }[] }>(
			"select to_jsonb(c)::text as row from bind_codes c",
		);
		const stored = rows.map(({ row }) => row).join();
		expect(stored).not.toContain(deepLinkCode);
		expect(stored).not.toContain(code.replaceAll("-", ""));
	});
});
