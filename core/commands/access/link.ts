import { accessTexts } from "../../texts/access.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { formatInstant } from "../../texts/format.ts";
import { say } from "../../texts/say.ts";
import type { Command } from "../command.ts";

/** Gives a one-time code that joins another chat of the same person to this account. */
export const linkCommand: Command = {
	name: "link",
	aliases: ["关联", "接入", "связать", "подключить"],
	description: descriptionTexts.link,
	scopes: ["private"],
	peopleOnly: true,
	async run({ account, botUsername, deps, language, zone }) {
		const { code, deepLinkCode, expiresAt } = await deps.issueLinkCode(account.id);
		const when = formatInstant(expiresAt, zone, language);
		const lines = [say(accessTexts.link, language, { code, when })];
		if (botUsername !== undefined) {
			const url = `https://t.me/${botUsername}?start=${deepLinkCode}`;
			lines.push(say(accessTexts.linkDeep, language, { url }));
		}
		return { kind: "reply", replies: [{ markdown: lines.join("\n\n"), secret: true }] };
	},
};
