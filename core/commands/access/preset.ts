import type { PresetName } from "../../gateway/key-grant.ts";
import { accessTexts } from "../../texts/access.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { quoteText } from "../../texts/format.ts";
import { say } from "../../texts/say.ts";
import type { Command } from "../command.ts";
import { toReply } from "../command.ts";

const PRESETS: readonly PresetName[] = ["glm47", "flash", "qwen"];
const OFF = "off";
/** "PRESET" for the own account, or "PRESET ACCOUNT". */
const ARGS = /^([a-z0-9]{1,20})(?:\s+([1-9]\d{0,17}))?$/;

/** Staff say which models an account's programs get for opus, sonnet and haiku; customers see tiers only. */
export const presetCommand: Command = {
	name: "preset",
	aliases: ["预设", "пресет"],
	description: descriptionTexts.preset,
	scopes: ["private"],
	peopleOnly: true,
	staffOnly: true,
	async run({ account, args, deps, language }) {
		const [, word, accountId = account.id] = ARGS.exec(args.toLowerCase()) ?? [];
		const preset = PRESETS.find((name) => name === word);
		if (preset === undefined && word !== OFF) {
			const presets = [...PRESETS, OFF].map((name) => `\`${name}\``).join(", ");
			return toReply(say(accessTexts.presetHow, language, { presets }));
		}
		const isSet = await deps.setModelPreset(accountId, preset);
		const values = { account: quoteText(accountId), preset: quoteText(preset ?? OFF) };
		return toReply(say(isSet ? accessTexts.presetSet : accessTexts.presetNobody, language, values));
	},
};
