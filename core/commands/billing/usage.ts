import type { Balance, BucketBalance } from "../../ledger/ledger.ts";
import { MICRO } from "../../ledger/ledger.ts";
import { billingTexts, bucketTexts, sourceTexts } from "../../texts/billing.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { formatDay, formatInstant, formatTokens, formatWait } from "../../texts/format.ts";
import type { Text } from "../../texts/say.ts";
import { say } from "../../texts/say.ts";
import type { SourceUsage } from "../../usage/usage.ts";
import { startOfDay } from "../../zones/start-of-day.ts";
import type { Command, CommandContext } from "../command.ts";
import { toReply } from "../command.ts";

/** Used, left, reset time in the account's own zone, cost by source. Never in a group: the figures are the account's own. */
export const usageCommand: Command = {
	name: "usage",
	aliases: ["用量", "额度", "расход", "лимит", "баланс"],
	description: descriptionTexts.usage,
	scopes: ["private"],
	async run(ctx) {
		const { account, deps } = ctx;
		const balance = await deps.balance(account.id);
		const sources = await deps.usageBySource(account.id, startOfDay(ctx.now, balance.zone));
		return toReply([toSummary(ctx, balance), toSources(ctx, sources)].join("\n\n"));
	},
};

function toSummary(ctx: CommandContext, balance: Balance): string {
	const { language, plan } = ctx;
	const daily = balance.buckets.find((bucket) => bucket.kind === "daily");
	const lines = [
		plan === undefined
			? say(billingTexts.planNone, language)
			: say(billingTexts.planNow, language, { plan: plan.name }),
		daily === undefined ? toUnused(ctx, balance) : toUsed(ctx, daily),
		say(billingTexts.left, language, { left: toTokensLeft(balance.availableMicro, language) }),
	];
	if (balance.pendingMicro > 0) {
		lines.push(say(billingTexts.held, language, { held: toTokensUsed(balance.pendingMicro, language) }));
	}
	if (balance.resetsAt !== undefined) lines.push(toReset(ctx, balance.resetsAt, balance.zone));
	const extras = balance.buckets.filter((bucket) => bucket.kind !== "daily");
	return [...lines.map((line) => `- ${line}`), ...extras.map((bucket) => toExtra(ctx, bucket))].join("\n");
}

function toUsed({ language }: CommandContext, { postedMicro, grantedMicro }: BucketBalance): string {
	return say(billingTexts.used, language, {
		used: toTokensUsed(postedMicro, language),
		granted: toTokensLeft(grantedMicro, language),
	});
}

/** Who deleted his account and came back has no daily tokens before the day he left with is over. */
function toUnused({ language }: CommandContext, { resetsAt }: Balance): string {
	return say(resetsAt === undefined ? billingTexts.usedNoDaily : billingTexts.usedNotYet, language);
}

function toReset({ language, now }: CommandContext, resetsAt: Date, zone: string): string {
	return say(billingTexts.resets, language, {
		when: formatInstant(resetsAt, zone, language),
		wait: formatWait(resetsAt.getTime() - now.getTime(), language),
	});
}

function toExtra({ language, zone }: CommandContext, bucket: BucketBalance): string {
	const values = {
		kind: say(bucketTexts[bucket.kind], language),
		left: toTokensLeft(bucket.grantedMicro - bucket.postedMicro - bucket.pendingMicro, language),
		granted: toTokensLeft(bucket.grantedMicro, language),
	};
	if (bucket.endsAt === undefined) return say(billingTexts.extra, language, values);
	return say(billingTexts.extraUntil, language, {
		...values,
		when: formatDay(bucket.endsAt, zone, language),
	});
}

function toSources({ language }: CommandContext, sources: readonly SourceUsage[]): string {
	if (sources.length === 0) return say(billingTexts.noUsage, language);
	const names: Readonly<Record<string, Text>> = sourceTexts;
	const rows = sources.map(({ source, calls, chargedMicro }) => {
		const name = names[source];
		return say(billingTexts.sourceRow, language, {
			source: name === undefined ? source : say(name, language),
			tokens: toTokensUsed(chargedMicro, language),
			calls: formatTokens(calls, language),
		});
	});
	return `${say(billingTexts.bySource, language)}\n${rows.join("\n")}`;
}

/** Rounded so that a person is never told of more than he has. */
function toTokensLeft(micro: number, language: CommandContext["language"]): string {
	return formatTokens(Math.floor(Math.max(0, micro) / MICRO), language);
}

function toTokensUsed(micro: number, language: CommandContext["language"]): string {
	return formatTokens(Math.ceil(micro / MICRO), language);
}
