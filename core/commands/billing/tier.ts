import type { Policy } from "../../models/model-call.ts";
import type { Button } from "../../pipeline/message.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { quoteText } from "../../texts/format.ts";
import { say } from "../../texts/say.ts";
import { tierCommandTexts, tierSummaryTexts, tierTexts } from "../../texts/tiers.ts";
import type { Command, CommandContext, CommandOutcome } from "../command.ts";
import { toReply } from "../command.ts";
import { POLICIES, TIER_WORDS, toPolicy } from "../tier-words.ts";

export const tierCommand: Command = {
	name: "tier",
	aliases: ["档位", "режим"],
	description: descriptionTexts.tier,
	scopes: ["private"],
	async run(ctx) {
		if (ctx.args === "") {
			const tier = say(tierTexts[ctx.account.policy], ctx.language);
			return offerTiers(ctx, say(tierCommandTexts.now, ctx.language, { tier }));
		}
		const policy = toPolicy(ctx.args);
		if (policy !== undefined) return await chooseTier(ctx, policy);
		return offerTiers(ctx, say(tierCommandTexts.unknown, ctx.language, { tier: quoteText(ctx.args) }));
	},
};

export async function chooseTier(
	{ account, deps, language }: CommandContext,
	policy: Policy,
): Promise<CommandOutcome> {
	await deps.setPolicy(account.id, policy);
	const tier = say(tierTexts[policy], language);
	const summary = say(tierSummaryTexts[policy], language);
	return toReply(say(tierCommandTexts.chosen, language, { tier, summary }));
}

function offerTiers({ language }: CommandContext, intro: string): CommandOutcome {
	const rows = POLICIES.map(
		(policy) =>
			`- **${say(tierTexts[policy], language)}** (\`${TIER_WORDS[policy]}\`): ${say(tierSummaryTexts[policy], language)}`,
	);
	const buttons: Button[] = POLICIES.map((policy) => ({
		label: say(tierTexts[policy], language),
		data: `tier:${TIER_WORDS[policy]}`,
	}));
	// Chinese sentences follow each other without a space.
	const gap = language === "zh-CN" ? "" : " ";
	const markdown = `${intro}${gap}${say(tierCommandTexts.choose, language)}\n${rows.join("\n")}`;
	return { kind: "reply", replies: [{ markdown, buttons: [buttons] }] };
}
