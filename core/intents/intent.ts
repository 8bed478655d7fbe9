/** One row of intent_rules. */
export type IntentRule = {
	readonly id: string;
	/** Any of them is enough. */
	readonly keywords: readonly string[];
	/** Offered, in this order. */
	readonly agents: readonly string[];
	readonly skills: readonly string[];
	/** Higher is offered first. */
	readonly weight: number;
};

/** A rule that a message met, once however many of its keywords occurred. */
export type IntentMatch = Pick<IntentRule, "agents" | "skills" | "weight"> & { readonly ruleId: string };

/** Pure. Matches by weight, then in the order of the rules. */
export type IntentMatcher = (text: string) => readonly IntentMatch[];

/** UTF-16 units of a message that are read; what somebody wants stands at its beginning. */
export const TEXT_LENGTH_MAX = 20_000;

/** The rules in the order in which they are offered. */
export function sortRules(rules: readonly IntentRule[]): readonly IntentRule[] {
	return rules.toSorted((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1));
}

export function toMatch({ id, agents, skills, weight }: IntentRule): IntentMatch {
	return { ruleId: id, agents, skills, weight };
}
