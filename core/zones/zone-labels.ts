import type { Language } from "../pipeline/message.ts";
import { cityTexts, suggestedZones } from "../texts/cities.ts";
import { say } from "../texts/say.ts";

/** Zones likely for a speaker of the language. */
export function suggestZones(language: Language): readonly string[] {
	return suggestedZones[language];
}

/** A city in the language where we know it, else the zone's own name: "Москва", "America/Lima". */
export function toZoneLabel(zone: string, language: Language): string {
	const city = Object.hasOwn(cityTexts, zone) ? cityTexts[zone] : undefined;
	return city === undefined ? zone.replaceAll("_", " ") : say(city, language);
}
