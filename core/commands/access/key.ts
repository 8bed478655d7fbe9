import { keyTexts } from "../../texts/access.ts";
import { sourceTexts } from "../../texts/billing.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { formatDay, quoteText } from "../../texts/format.ts";
import type { Text } from "../../texts/say.ts";
import { say } from "../../texts/say.ts";
import type { Command, CommandContext, CommandOutcome, KeyView } from "../command.ts";
import { toReply } from "../command.ts";

/** Of a name; what is longer is cut off. */
const LABEL_LENGTH_MAX = 60;

/** "/key" lists, "/key new [NAME]" issues one (shown once), "/key revoke ID" ends one. */
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
				return await issueKey(ctx, toLabel(words));
			case "revoke":
				return await revokeKey(ctx, words[0] ?? "");
			default:
				return await listKeys(ctx);
		}
	},
};

async function issueKey(
	{ account, deps, inboxId, language }: CommandContext,
	label: string | undefined,
): Promise<CommandOutcome> {
	const { id, key } = await deps.issueKey(account.id, { turnId: inboxId, label });
	return {
		kind: "reply",
		replies: [{ markdown: say(keyTexts.issued, language, { id, key }), secret: true }],
	};
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
	const how = say(keyTexts.how, language);
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
	if (expiresAt === undefined) return say(keyTexts.row, language, values);
	return say(keyTexts.rowUntil, language, { ...values, end: day(expiresAt) });
}

function toSource({ instanceId, source }: KeyView, language: CommandContext["language"]): string {
	if (instanceId !== undefined) return say(keyTexts.instance, language);
	const names: Readonly<Record<string, Text>> = sourceTexts;
	const name = names[source];
	return name === undefined ? source : say(name, language);
}

/** One line without control characters, or none. */
function toLabel(words: readonly string[]): string | undefined {
	const text = words.join(" ").replace(/\p{C}/gu, "");
	const label = [...text].slice(0, LABEL_LENGTH_MAX).join("").trim();
	return label === "" ? undefined : label;
}
