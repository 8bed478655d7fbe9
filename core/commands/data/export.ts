import { descriptionTexts } from "../../texts/commands.ts";
import { dataTexts } from "../../texts/data.ts";
import { say } from "../../texts/say.ts";
import type { Command } from "../command.ts";

export const exportCommand: Command = {
	name: "export",
	aliases: ["导出", "экспорт"],
	description: descriptionTexts.export,
	scopes: ["private"],
	peopleOnly: true,
	async run({ account, deps, language, now }) {
		const text = await deps.exportAccount(account.id);
		const filename = `rockpool-export-${now.toISOString().slice(0, 10)}.json`;
		return {
			kind: "reply",
			replies: [
				{ markdown: say(dataTexts.exported, language), attachment: { filename, text }, secret: true },
			],
		};
	},
};
