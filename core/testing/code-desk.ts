import { randomUUID } from "node:crypto";
import type { Knex } from "knex";
import { createTypedCode, formatTypedCode } from "../bind-codes/code.ts";
import type { IssuedCode } from "../bind-codes/issue-code.ts";
import { issueLinkCode, issuePlanCode } from "../bind-codes/issue-code.ts";
import type { RedeemOutcome, RedeemRequest } from "../bind-codes/redeem-code.ts";
import { redeemBindCode } from "../bind-codes/redeem-code.ts";
import type { Sender } from "../pipeline/message.ts";
import { joinAs, makeSender, PEPPER, privateChat } from "./people.ts";

/** Issues and redeems codes as tests need them: private chats, English, a turn of its own each time. */
export type CodeDesk = {
	/** A plan code of a member of the staff. */
	issuePlan(planId?: string, months?: number): Promise<IssuedCode>;
	/** A link code of somebody new, or of this account. */
	issueLink(accountId?: string): Promise<IssuedCode>;
	redeem(sender: Sender, code: RedeemRequest["code"], more?: Partial<RedeemRequest>): Promise<RedeemOutcome>;
};

export async function createCodeDesk(db: Knex): Promise<CodeDesk> {
	const issuedByAccountId = await joinAs(db, makeSender());
	return {
		issuePlan: async (planId = "starter_20", months = 1) =>
			await issuePlanCode(db, PEPPER, { planId, months, issuedByAccountId }),
		issueLink: async (accountId) =>
			await issueLinkCode(db, PEPPER, accountId ?? (await joinAs(db, makeSender()))),
		redeem: async (sender, code, more = {}) =>
			await redeemBindCode(db, PEPPER, {
				code,
				sender,
				chat: privateChat(sender),
				language: "en",
				zone: "UTC",
				turnId: randomUUID(),
				...more,
			}),
	};
}

/** The form of a code that nobody issued. */
export function makeWrongCode(): string {
	return formatTypedCode(createTypedCode(10));
}
