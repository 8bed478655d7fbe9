import { keyTexts } from "../../texts/access.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { formatDay, quoteText } from "../../texts/format.ts";
import { say } from "../../texts/say.ts";
import type { Command, CommandContext, CommandOutcome } from "../command.ts";
import { toReply } from "../command.ts";

/** "/key" lists, "/key new" issues one (shown once), "/key revoke ID" ends one. */
export const keyCommand: Command = {
	name: "key",
	aliases: ["密钥", "ключ", "keys"],
	description: descriptionTexts.key,
	scopes: ["private"],
	peopleOnly: true,
	async run(ctx) {
		const [verb = "", keyId = ""] = ctx.args.split(/\s+/);
		switch (verb.toLowerCase()) {
			case "new":
				return await issueKey(ctx);
			case "revoke":
				return await revokeKey(ctx, keyId);
			default:
				return await listKeys(ctx);
		}
	},
};

async function issueKey({ account, deps, inboxId, language }: CommandContext): Promise<CommandOutcome> {
	const { id, key } = await deps.issueKey(account.id, inboxId);
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
	const rows = keys.map(({ id, createdAt }) =>
		say(keyTexts.row, language, { id, day: formatDay(createdAt, zone, language) }),
	);
	return toReply(`${say(keyTexts.list, language)}\n${rows.join("\n")}\n\n${how}`);
}
