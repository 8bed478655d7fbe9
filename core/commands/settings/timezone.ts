import type { Button } from "../../pipeline/message.ts";
import { descriptionTexts } from "../../texts/commands.ts";
import { formatInstant, formatTime, quoteText } from "../../texts/format.ts";
import { say } from "../../texts/say.ts";
import { settingsTexts } from "../../texts/settings.ts";
import { isMidnight } from "../../zones/start-of-day.ts";
import { suggestZones, toZoneLabel } from "../../zones/zone-labels.ts";
import type { Command, CommandContext, CommandOutcome } from "../command.ts";
import { toReply } from "../command.ts";

export const timezoneCommand: Command = {
	name: "timezone",
	aliases: ["tz", "zone", "时区", "пояс"],
	description: descriptionTexts.timezone,
	scopes: ["private"],
	async run(ctx) {
		const { args, deps, language, zone, now } = ctx;
		const suggested = suggestZones(language);
		if (args === "") {
			const current = say(settingsTexts.zoneNow, language, { zone, time: formatTime(now, zone, language) });
			return offerZones(ctx, `${current}\n\n${say(settingsTexts.zoneHow, language)}`, suggested);
		}
		const found = deps.findZone(args);
		const text = quoteText(args, 40);
		switch (found.kind) {
			case "zone":
				return await chooseZone(ctx, found.zone);
			case "choice":
				return offerZones(ctx, say(settingsTexts.zoneMany, language, { text }), found.zones);
			case "none":
				return offerZones(ctx, say(settingsTexts.zoneUnknown, language, { text }), suggested);
		}
	},
};

/** @throws AppError REQUEST_INVALID when the zone was changed less than 30 days ago. */
export async function chooseZone(ctx: CommandContext, zone: string): Promise<CommandOutcome> {
	const { account, deps, language, now } = ctx;
	const time = formatTime(now, zone, language);
	await deps.changeZone(account.id, zone);
	if (zone === ctx.zone) return toReply(say(settingsTexts.zoneSame, language, { zone, time }));
	const { resetsAt } = await deps.balance(account.id);
	if (resetsAt === undefined || isMidnight(resetsAt, zone)) {
		return toReply(say(settingsTexts.zoneChosen, language, { zone, time }));
	}
	const when = formatInstant(resetsAt, zone, language);
	return toReply(say(settingsTexts.zoneLater, language, { zone, when }));
}

function offerZones(
	{ language }: CommandContext,
	markdown: string,
	zones: readonly string[],
): CommandOutcome {
	const buttons: Button[] = zones.map((zone) => ({ label: toZoneLabel(zone, language), data: `tz:${zone}` }));
	const rows: Button[][] = [];
	for (let index = 0; index < buttons.length; index += 3) rows.push(buttons.slice(index, index + 3));
	return { kind: "reply", replies: [{ markdown, buttons: rows }] };
}
