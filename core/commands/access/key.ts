import { sourceTexts } from "../../texts/billing.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { formatDay, quoteText } from "../../texts/format.ts";
import { keyOptionTexts, keyTexts } from "../../texts/keys.ts";
import type { Text } from "../../texts/say.ts";
import { say } from "../../texts/say.ts";
import type { Command, CommandContext, CommandOutcome, KeyView } from "../command.ts";
import { toReply } from "../command.ts";
import type { KeyWish } from "./key-options.ts";
import { parseKeyWish } from "./key-options.ts";
import { isForGatewayOnly, tellLimits } from "./key-words.ts";

const EXAMPLE = "/key new report cap=50000 tiers=economy networks=10.0.0.0/8 days=30 source=cron";

/** "/key" lists, "/key new [NAME] [OPTION=VALUE …]" issues one (shown once), "/key revoke ID" ends one. */
export const keyCommand: Command = {
	name: "key",
	aliases: ["密钥", "ключ", "keys"],
	description: descriptionTexts.key,
	scopes: ["private"],
	peopleOnly: true,
	async run(ctx) {
		const [verb = "", ...words] = ctx.args.split(/\s+/);
		switch (verb.toLowerCase()) {
			case "new":
				return await issueKey(ctx, parseKeyWish(words, ctx.now));
			case "revoke":
				return await revokeKey(ctx, words[0] ?? "");
			default:
				return await listKeys(ctx);
		}
	},
};

async function issueKey(
	{ account, deps, inboxId, language, zone }: CommandContext,
	wish: KeyWish,
): Promise<CommandOutcome> {
	if (wish.kind === "wrong") return toReply(tellWrong(wish, language));
	const { label, limits } = wish;
	const { id, key } = await deps.issueKey(account.id, { turnId: inboxId, label, ...limits });
	const told = tellLimits(limits, language);
	const lines = [
		say(keyTexts.issued, language, { id, key }),
		...(told === undefined ? [] : [say(keyTexts.issuedLimits, language, { limits: told })]),
		...(limits.expiresAt === undefined
			? []
			: [say(keyTexts.issuedUntil, language, { end: formatDay(limits.expiresAt, zone, language) })]),
		...(isForGatewayOnly(limits) ? [say(keyTexts.gatewayOnly, language)] : []),
	];
	return { kind: "reply", replies: [{ markdown: lines.join("\n\n"), secret: true }] };
}

function tellWrong(
	{ written, option }: Extract<KeyWish, { kind: "wrong" }>,
	language: CommandContext["language"],
): string {
	const values = { written: quoteText(written), example: EXAMPLE };
	if (option === undefined)
		return say(keyTexts.optionUnknown, language, { ...values, options: listOptions(language) });
	return say(keyTexts.optionWrong, language, { ...values, option: say(keyOptionTexts[option], language) });
}

function listOptions(language: CommandContext["language"]): string {
	return Object.values(keyOptionTexts)
		.map((text) => `- ${say(text, language)}`)
		.join("\n");
}

async function revokeKey(
	{ account, deps, language }: CommandContext,
	keyId: string,
): Promise<CommandOutcome> {
	const isRevoked = keyId !== "" && (await deps.revokeKey(account.id, keyId));
	return isRevoked
		? toReply(say(keyTexts.revoked, language, { id: keyId }))
		: toReply(say(keyTexts.unknown, language, { id: quoteText(keyId) }));
}

async function listKeys({ account, deps, language, zone }: CommandContext): Promise<CommandOutcome> {
	const keys = await deps.listKeys(account.id);
	const options = { options: listOptions(language), example: EXAMPLE };
	const how = `${say(keyTexts.how, language)}\n\n${say(keyTexts.options, language, options)}`;
	if (keys.length === 0) return toReply(`${say(keyTexts.none, language)}\n\n${how}`);
	const rows = keys.map((key) => toRow(key, language, zone));
	return toReply(`${say(keyTexts.list, language)}\n${rows.join("\n")}\n\n${how}`);
}

function toRow(key: KeyView, language: CommandContext["language"], zone: string): string {
	const { id, label, lastUsedAt, expiresAt } = key;
	const day = (date: Date) => formatDay(date, zone, language);
	const values = {
		name: label === undefined ? `\`${id}\`` : `\`${id}\` ${quoteText(label)}`,
		source: toSource(key, language),
		day: day(key.createdAt),
		used:
			lastUsedAt === undefined
				? say(keyTexts.unused, language)
				: say(keyTexts.used, language, { day: day(lastUsedAt) }),
	};
	const row =
		expiresAt === undefined
			? say(keyTexts.row, language, values)
			: say(keyTexts.rowUntil, language, { ...values, end: day(expiresAt) });
	const limits = tellLimits(key, language);
	return limits === undefined ? row : `${row} (${limits})`;
}

function toSource({ instanceId, source }: KeyView, language: CommandContext["language"]): string {
	if (instanceId !== undefined) return say(keyTexts.instance, language);
	const names: Readonly<Record<string, Text>> = sourceTexts;
	const name = names[source];
	return name === undefined ? source : say(name, language);
}
