import { billingTexts } from "../../texts/billing.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { formatDay, formatMoney, formatTokens } from "../../texts/format.ts";
import { say } from "../../texts/say.ts";
import type { Command, CommandContext, PlanView } from "../command.ts";
import { toReply } from "../command.ts";

export const planCommand: Command = {
	name: "plan",
	aliases: ["plans", "套餐", "тариф", "тарифы"],
	description: descriptionTexts.plan,
	scopes: ["private"],
	async run(ctx) {
		const plans = await ctx.deps.listPlans();
		const rows = plans.map((plan) => toRow(plan, ctx)).join("\n");
		const list = `${say(billingTexts.plans, ctx.language)}\n${rows}`;
		return toReply([toCurrent(ctx), list, toHowToGet(ctx)].join("\n\n"));
	},
};

function toCurrent({ plan, language, zone }: CommandContext): string {
	if (plan === undefined) return say(billingTexts.planNone, language);
	if (plan.endsAt === undefined) return say(billingTexts.planNow, language, { plan: plan.name });
	return say(billingTexts.planUntil, language, {
		plan: plan.name,
		day: formatDay(plan.endsAt, zone, language),
	});
}

function toRow(plan: PlanView, { language }: CommandContext): string {
	const tokens =
		plan.dailyTokens === undefined
			? say(billingTexts.tokensAgreed, language)
			: say(billingTexts.tokensDaily, language, { tokens: formatTokens(plan.dailyTokens, language) });
	return say(billingTexts.planRow, language, { name: plan.name, price: toPrice(plan, language), tokens });
}

function toPrice(plan: PlanView, language: CommandContext["language"]): string {
	if (plan.priceCents > 0) {
		return say(billingTexts.priceMonthly, language, { price: formatMoney(plan.priceCents, language) });
	}
	// A plan without a figure of tokens has none of a price either: both are agreed.
	return say(plan.dailyTokens === undefined ? billingTexts.priceAgreed : billingTexts.priceFree, language);
}

function toHowToGet({ supportUrl, language }: CommandContext): string {
	return supportUrl === undefined
		? say(billingTexts.howToGetNoUrl, language)
		: say(billingTexts.howToGet, language, { url: supportUrl });
}
