import { expect, test } from "@jest/globals";
import { warningTexts } from "../../core/texts/billing.ts";
import { LANGUAGES } from "../../core/texts/say.ts";
import { expectFailureWords, SUPPORT_URL } from "./testing/expect-failure.ts";
import { findDayZone } from "./testing/find-day-zone.ts";
import { useWorlds } from "./testing/use-worlds.ts";

const worlds = useWorlds();
const zone = findDayZone();
const DAILY_TOKENS = 20_000;
const INPUT = 150;

/** What each answer costs in all, and how much of the day is used after it as the warning has it. */
const ANSWERS: readonly [number, 80 | 95 | 100 | undefined][] = [
	[7_000, undefined],
	[7_000, undefined],
	[2_000, 80],
	[500, undefined],
	[2_700, 95],
	[160, undefined],
	[500, 100],
];

test("at 80, 95 and 100 % a person is told once each, in his language and with the reset time in his zone", async () => {
	const world = await worlds.openTelegram({ OUTPUT_TOKENS_MAX: "8000", SUPPORT_URL });
	const vendor = await world.addProvider({ id: "one" });
	const node = await world.startNode();
	for (const language of LANGUAGES) {
		const chat = world.openChat(language);
		const sender = world.toSender(chat);
		const plan = { planId: "pro_40", dailyTokens: DAILY_TOKENS };
		const { key } = await world.addPerson({ sender, ...plan, language, zone });
		for (const [tokens, percent] of ANSWERS) {
			vendor.answerNext({ kind: "text", pieces: ["well"], usage: { input: INPUT, output: tokens - INPUT } });
			// A fresh conversation each time: a question of the same size.
			await world.say(chat, "/new");
			const said = await world.say(chat, "hi");
			expect(said.split("\n")[0]).toBe("well");
			if (percent === undefined) expect(said).toBe("well");
			else {
				expect(said).toContain(warningTexts[percent][language].split("{")[0]);
				expect(said).toContain(`00:00 (${zone})`);
			}
		}
		const refused = await world.say(chat, "hi");
		expectFailureWords(refused, "BILLING_QUOTA_EXCEEDED", language);
		expect(refused).toContain(`00:00 (${zone})`);
		expect(await world.ask(node, key, "hi")).toMatchObject({ status: 402 });
	}
});
