import type { Button, Language, Reply } from "../pipeline/message.ts";
import { quoteText } from "../texts/format.ts";
import { onboardingTexts } from "../texts/onboarding.ts";
import { say } from "../texts/say.ts";
import type { ZoneFinder } from "../zones/find-zone.ts";
import { suggestZones, toZoneLabel } from "../zones/zone-labels.ts";
import type { OnboardingDraft } from "./draft.ts";
import type { Step } from "./step.ts";
import { toButtonRows } from "./step.ts";

/** The second half of step 1. Only zones the finder knows come out of it. */
export function createZoneStep({ findZone }: { readonly findZone: ZoneFinder }): Step {
	return {
		ask: (draft) => ask(say(onboardingTexts.zone, draft.language), suggestZones(draft.language), draft),
		answerText(text, draft) {
			const found = findZone(text);
			const quoted = quoteText(text, 40);
			switch (found.kind) {
				case "zone":
					return { draft: { ...draft, zone: found.zone } };
				case "choice":
					return { again: askMany(quoted, found.zones, draft) };
				case "none":
					return { again: askAgain(quoted, draft) };
			}
		},
		answerButton(value, draft) {
			if (value === draft.zone) return { draft };
			const found = findZone(value);
			return found.kind === "zone" && found.zone === value ? { draft: { ...draft, zone: value } } : undefined;
		},
	};
}

function ask(markdown: string, zones: readonly string[], draft: OnboardingDraft): Reply {
	const { language, zone } = draft;
	const keep: Button = {
		label: say(onboardingTexts.zoneKeep, language, { zone: toZoneLabel(zone, language) }),
		data: toData(zone),
	};
	const others = zones.filter((other) => other !== zone);
	return { markdown, buttons: [...toButtonRows(toButtons(others, language), 3), [keep]] };
}

function askAgain(text: string, draft: OnboardingDraft): Reply {
	return ask(say(onboardingTexts.zoneAgain, draft.language, { text }), suggestZones(draft.language), draft);
}

function askMany(text: string, zones: readonly string[], { language }: OnboardingDraft): Reply {
	const markdown = say(onboardingTexts.zoneMany, language, { text });
	return { markdown, buttons: toButtonRows(toButtons(zones, language), 2) };
}

function toButtons(zones: readonly string[], language: Language): readonly Button[] {
	return zones.map((zone) => ({ label: toZoneLabel(zone, language), data: toData(zone) }));
}

function toData(zone: string): string {
	return `ob:zone:${zone}`;
}
