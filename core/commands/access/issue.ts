import { accessTexts } from "../../texts/access.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { formatInstant, formatMonths } from "../../texts/format.ts";
import { say } from "../../texts/say.ts";
import type { Command, PlanView } from "../command.ts";
import { toReply } from "../command.ts";

/** "PLAN", "PLAN MONTHS" or "PLAN MONTHS TOKENS"; "-" for no end. */
const ARGS = /^([a-z0-9_]{1,40})(?:\s+(-|[1-9]\d{0,2})(?:\s+([1-9]\d{0,9}))?)?$/;
const MONTHS_MAX = 120;
const DAILY_TOKENS_MAX = 1_000_000_000;

/** Staff sell a plan by handing its code to a customer. */
export const issueCommand: Command = {
	name: "issue",
	aliases: ["发码", "выдать"],
	description: descriptionTexts.issue,
	scopes: ["private"],
	peopleOnly: true,
	staffOnly: true,
	async run({ account, args, deps, language, zone }) {
		const plans = await deps.listPlans();
		const wish = parseWish(args, plans);
		if (wish === undefined) {
			const names = plans.map(({ id }) => `\`${id}\``).join(", ");
			return toReply(say(accessTexts.issueHow, language, { plans: names }));
		}
		const { plan, months, dailyTokens } = wish;
		const issued = await deps.issuePlanCode({
			planId: plan.id,
			months,
			dailyTokens,
			issuedByAccountId: account.id,
		});
		const markdown = say(accessTexts.issued, language, {
			plan: plan.name,
			duration:
				months === undefined ? say(accessTexts.issuedForever, language) : formatMonths(months, language),
			code: issued.code,
			when: formatInstant(issued.expiresAt, zone, language),
		});
		return { kind: "reply", replies: [{ markdown, secret: true }] };
	},
};

function parseWish(args: string, plans: readonly PlanView[]) {
	const [, planId, monthsText, tokensText] = ARGS.exec(args.toLowerCase()) ?? [];
	const plan = plans.find((candidate) => candidate.id === planId);
	const months = monthsText === undefined || monthsText === "-" ? undefined : Number(monthsText);
	const dailyTokens = tokensText === undefined ? undefined : Number(tokensText);
	if (plan === undefined || (months ?? 1) > MONTHS_MAX) return undefined;
	if ((dailyTokens ?? 0) > DAILY_TOKENS_MAX) return undefined;
	return { plan, months, dailyTokens };
}
