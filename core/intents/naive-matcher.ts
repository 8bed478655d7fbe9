import { foldText, standsAlone } from "./fold-text.ts";
import type { IntentMatcher, IntentRule } from "./intent.ts";
import { sortRules, TEXT_LENGTH_MAX, toMatch } from "./intent.ts";

/** The same answers one keyword after the other: what tests and the bench compare the real matcher with. */
export function createNaiveMatcher(rules: readonly IntentRule[]): IntentMatcher {
	const prepared = sortRules(rules).map((rule) => ({
		match: toMatch(rule),
		keywords: rule.keywords.map((word) => foldText(word.trim())).filter((word) => word !== ""),
	}));
	return (text) => {
		const folded = foldText(text.slice(0, TEXT_LENGTH_MAX));
		return prepared
			.filter(({ keywords }) => keywords.some((keyword) => contains(folded, keyword)))
			.map(({ match }) => match);
	};
}

function contains(text: string, keyword: string): boolean {
	for (let begin = text.indexOf(keyword); begin >= 0; begin = text.indexOf(keyword, begin + 1)) {
		if (standsAlone(text, begin, begin + keyword.length)) return true;
	}
	return false;
}
