import { buildAutomaton } from "./automaton.ts";
import { foldText, standsAlone } from "./fold-text.ts";
import type { IntentMatcher, IntentRule } from "./intent.ts";
import { sortRules, TEXT_LENGTH_MAX, toMatch } from "./intent.ts";

/**
 * All keywords in one pass over the message, however many there are. Building takes some 3 to 10 us a keyword: build when the
 * rules change, never for a message.
 */
export function createIntentMatcher(rules: readonly IntentRule[]): IntentMatcher {
	const sorted = sortRules(rules);
	const matches = sorted.map(toMatch);
	const placesByKeyword = groupByKeyword(sorted);
	const keywords = [...placesByKeyword.keys()];
	const lengths = keywords.map((keyword) => keyword.length);
	const places = [...placesByKeyword.values()];
	const scan = buildAutomaton(keywords);

	return (text) => {
		const folded = foldText(text.slice(0, TEXT_LENGTH_MAX));
		const met = new Set<number>();
		scan(folded, (keyword, end) => {
			const rulePlaces = places[keyword] ?? [];
			if (rulePlaces.every((place) => met.has(place))) return;
			if (!standsAlone(folded, end - (lengths[keyword] ?? 0), end)) return;
			for (const place of rulePlaces) met.add(place);
		});
		return [...met]
			.sort((a, b) => a - b)
			.map((place) => matches[place])
			.filter((match) => match !== undefined);
	};
}

/** Folded keywords with the places of the rules they belong to. */
function groupByKeyword(rules: readonly IntentRule[]): ReadonlyMap<string, readonly number[]> {
	const places = new Map<string, number[]>();
	for (const [place, rule] of rules.entries()) {
		for (const keyword of new Set(rule.keywords.map((word) => foldText(word.trim())))) {
			if (keyword === "") continue;
			const known = places.get(keyword);
			if (known === undefined) places.set(keyword, [place]);
			else known.push(place);
		}
	}
	return places;
}
