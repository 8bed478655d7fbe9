import { cityTexts, placeAliases } from "../texts/cities.ts";
import { isKnownZone } from "../texts/format.ts";
import { LANGUAGES } from "../texts/say.ts";
import { findOffsetZone } from "./offset-zones.ts";

/** zone: always one of the given names. */
export type ZoneMatch =
	| { readonly kind: "zone"; readonly zone: string }
	| { readonly kind: "choice"; readonly zones: readonly string[] }
	| { readonly kind: "none" };

export type ZoneFinder = (text: string) => ZoneMatch;

/** Longer text names no place. */
const TEXT_LENGTH_MAX = 64;
const CHOICES_MAX = 6;
/** Fewer letters than this would begin half of the world's names. */
const PREFIX_LENGTH_MIN = 3;

/**
 * Finds the zone somebody means by a zone's name, a city in one of our languages or an offset such as "UTC+3".
 *
 * names: the zones that may be stored (pg_timezone_names). POSIX rules, abbreviations and path tricks are never among the
 * answers: only "Area/City" names this runtime can show too, and UTC. Building the index reads them all: once at start.
 */
export function createZoneFinder(names: readonly string[]): ZoneFinder {
	const usable = names.filter((name) => isUsable(name));
	const allowed = new Set(usable);
	const index = toIndex(usable);
	const words = [...index.keys()].sort();

	return (text) => {
		if (text.length > TEXT_LENGTH_MAX) return { kind: "none" };
		const word = fold(text);
		const zone = index.get(word) ?? findOffsetZone(word, allowed);
		if (zone !== undefined) return { kind: "zone", zone };
		if (word.length < PREFIX_LENGTH_MIN) return { kind: "none" };
		const zones = [
			...new Set(words.filter((known) => known.startsWith(word)).map((known) => index.get(known) ?? "UTC")),
		];
		const [only] = zones;
		if (only === undefined) return { kind: "none" };
		return zones.length === 1
			? { kind: "zone", zone: only }
			: { kind: "choice", zones: zones.slice(0, CHOICES_MAX) };
	};
}

function isUsable(name: string): boolean {
	if (name === "UTC") return true;
	return /^[A-Z][A-Za-z]+(?:\/[A-Z][A-Za-z0-9_+-]*){1,2}$/.test(name) && isKnownZone(name);
}

/** Word -> zone. What comes first stays: our own words before the names' last parts, short names before long ones. */
function toIndex(names: readonly string[]): ReadonlyMap<string, string> {
	const index = new Map<string, string>();
	const allowed = new Set(names);
	const add = (word: string, zone: string) => {
		const folded = fold(word);
		if (allowed.has(zone) && !index.has(folded)) index.set(folded, zone);
	};
	for (const [zone, city] of Object.entries(cityTexts)) {
		for (const language of LANGUAGES) add(city[language], zone);
	}
	for (const [zone, places] of Object.entries(placeAliases)) {
		for (const place of places) add(place, zone);
	}
	for (const name of names) add(name, name);
	const shortFirst = names.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1));
	for (const name of shortFirst) {
		const city = name.split("/").at(-1);
		if (city !== undefined && !name.startsWith("Etc/")) add(city, name);
	}
	return index;
}

function fold(text: string): string {
	return text
		.normalize("NFKC")
		.toLowerCase()
		.replaceAll("ё", "е")
		.replace(/[\s_]+/g, " ")
		.trim();
}
