import { describe, expect, test } from "@jest/globals";
import type { Language } from "../pipeline/message.ts";
import { aboutTexts } from "./about.ts";
import { accessTexts } from "./access.ts";
import { agentTexts } from "./agent-commands.ts";
import { billingTexts, bucketTexts, sourceTexts, warningNoResetTexts, warningTexts } from "./billing.ts";
import { actionTexts, chatTexts } from "./chat-commands.ts";
import { commandTexts, descriptionTexts } from "./commands.ts";
import { dataTexts } from "./data.ts";
import { reasonTexts } from "./error-reasons.ts";
import { errorTexts, failureTexts } from "./errors.ts";
import { gatewayReasonTexts } from "./gateway.ts";
import { gatewayErrorTexts } from "./gateway-errors.ts";
import { followTexts, instanceCommandTexts, instanceTexts, phaseTexts } from "./instances.ts";
import { keyLimitTexts, keyOptionTexts, keyTexts } from "./keys.ts";
import { mediaAnswerTexts, mediaTexts } from "./media.ts";
import { onboardingTexts } from "./onboarding.ts";
import type { Text } from "./say.ts";
import { LANGUAGES } from "./say.ts";
import { settingsTexts } from "./settings.ts";
import { tierCommandTexts, tierSummaryTexts, tierTexts } from "./tiers.ts";

const catalogs: Readonly<Record<string, Readonly<Record<string, Text>>>> = {
	aboutTexts,
	accessTexts,
	keyTexts,
	keyLimitTexts,
	keyOptionTexts,
	agentTexts,
	billingTexts,
	bucketTexts,
	sourceTexts,
	warningNoResetTexts,
	warningTexts,
	actionTexts,
	chatTexts,
	commandTexts,
	descriptionTexts,
	dataTexts,
	failureTexts,
	followTexts,
	instanceCommandTexts,
	instanceTexts,
	phaseTexts,
	mediaAnswerTexts,
	mediaTexts,
	onboardingTexts,
	settingsTexts,
	tierCommandTexts,
	tierSummaryTexts,
	tierTexts,
	...Object.fromEntries(Object.entries(errorTexts).map(([code, pair]) => [code, pair])),
	...Object.fromEntries(Object.entries(gatewayErrorTexts).map(([code, pair]) => [`gateway ${code}`, pair])),
	...Object.fromEntries(Object.entries(gatewayReasonTexts).map(([why, pair]) => [`gateway ${why}`, pair])),
	...Object.fromEntries(Object.entries(reasonTexts).map(([reason, pair]) => [reason, pair])),
};

const rows = Object.entries(catalogs).flatMap(([catalog, texts]) =>
	Object.entries(texts).map(([key, text]) => [`${catalog}.${key}`, text] as const),
);

function placesOf(text: string): readonly string[] {
	return [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "").sort();
}

describe("every text", () => {
	test.each(rows)("%s has the same places in each language", (_, text) => {
		for (const language of LANGUAGES) expect(placesOf(text[language])).toEqual(placesOf(text.en));
	});
});

const EXPECTED: Readonly<Record<Language, RegExp>> = {
	en: /[A-Za-z]/,
	"zh-CN": /\p{Script=Han}/u,
	ru: /\p{Script=Cyrillic}/u,
};
/** Rows made of nothing but places and marks. */
const WORDLESS =
	/^(billingTexts\.planRow|agentTexts\.(row|rowChosen|ownRow)|onboardingTexts\.(goal|tier)Row)$/;

test.each(rows.filter(([name]) => !WORDLESS.test(name)))("%s uses the script of its languages", (_, text) => {
	for (const language of LANGUAGES)
		expect(text[language].replaceAll(/\{\w+\}/g, "")).toMatch(EXPECTED[language]);
});

test("commands are described in a line a menu can hold", () => {
	for (const text of Object.values(descriptionTexts)) {
		for (const language of LANGUAGES) expect(text[language].length).toBeLessThanOrEqual(100);
	}
});

test("toasts fit a toast", () => {
	for (const text of Object.values(actionTexts)) {
		for (const language of LANGUAGES) expect(text[language].length).toBeLessThanOrEqual(200);
	}
});
