import { AMOUNT_MICRO_MAX } from "../ledger/ledger.ts";
import type { ProviderUsage } from "../providers/provider.ts";
import { ANSWER_TOKENS_MIN } from "./choose-route.ts";
import type { Route } from "./route-table.ts";

/** What to hold for a call, in micro-tokens of quota (design: ledger, "how much to reserve"). */
export type Hold = {
	readonly wantedMicro: number;
	readonly minimumMicro: number;
	/** Input with the margin for other vocabularies, in tokens. */
	readonly inputTokens: number;
};

/** Vendors' vocabularies differ from the one we count with by about this much. */
const COUNT_MARGIN = 1.1;

/**
 * ceil(1.1 * input) + answer, weighted; the least that makes sense has room for a short answer. Files whose length nobody knows
 * (`documentTokens`: at most) are held for as far as the model's context has room for them.
 */
export function toHold(
	route: Route,
	inputTokens: number,
	outputTokensAsked: number,
	documentTokens = 0,
): Hold {
	const estimated = Math.ceil(COUNT_MARGIN * inputTokens);
	const withMargin = Math.max(estimated, Math.min(estimated + documentTokens, route.contextTokens));
	const outputTokens = toOutputTokens(route, inputTokens, outputTokensAsked);
	return {
		wantedMicro: toMicro(route, withMargin + outputTokens),
		minimumMicro: toMicro(route, withMargin + Math.min(ANSWER_TOKENS_MIN, outputTokens)),
		inputTokens: withMargin,
	};
}

/** The answer's length the held amount pays for, in tokens: what is sent as max_tokens. */
export function toAffordableOutput(
	route: Route,
	held: { readonly heldMicro: number; readonly inputTokens: number },
	outputTokensAsked: number,
): number {
	const paid = Math.floor(held.heldMicro / route.weightMicro) - held.inputTokens;
	return Math.max(1, Math.min(paid, Math.max(1, outputTokensAsked), route.outputTokensMax));
}

function toOutputTokens(route: Route, inputTokens: number, asked: number): number {
	const room = route.contextTokens - inputTokens;
	return Math.max(1, Math.min(asked, route.outputTokensMax, room));
}

/** Quota micro-tokens of so many tokens of this model. */
export function toMicro(route: Route, tokens: number): number {
	return Math.min(Math.ceil(tokens) * route.weightMicro, AMOUNT_MICRO_MAX);
}

/** What the provider says, and what it can be measured by. */
export type Reported = {
	/** Undefined when it says nothing, or nonsense. */
	readonly usage: ProviderUsage | undefined;
	/** Less than this cannot have been delivered. */
	readonly outputTokensMin: number;
	/** More input than this no honest provider can report: a token is at least a byte. */
	readonly inputTokensMax: number;
	/** What was sent as max_tokens. */
	readonly outputTokensMax: number;
};

export type Charge = {
	readonly usage: ProviderUsage;
	readonly origin: "reported" | "counted";
	readonly micro: number;
};

/** The least a provider may report for what we count as so many tokens. */
export function toLeastOutput(counted: number): number {
	return counted / COUNT_MARGIN;
}

/**
 * Reported usage when it is possible: not less than what was delivered (within the margin of counting), not more than could
 * have been sent or asked for.
 */
export function findPossible(reported: Reported): ProviderUsage | undefined {
	const { usage, outputTokensMin, inputTokensMax, outputTokensMax } = reported;
	if (usage === undefined) return undefined;
	const isPossible =
		usage.outputTokens >= outputTokensMin &&
		usage.outputTokens <= Math.max(outputTokensMax, outputTokensMin) &&
		usage.inputTokens > 0 &&
		usage.inputTokens <= inputTokensMax;
	return isPossible ? usage : undefined;
}

/**
 * The settle table of the ledger's design. A whole answer costs what it cost (beyond what was held: the ledger takes it from
 * what is free, and the house bears the rest); one that was stopped or cut, or that we had to count ourselves, never costs
 * more than was agreed to.
 */
export function toCharge(
	route: Route,
	spent: {
		readonly usage: ProviderUsage;
		readonly origin: Charge["origin"];
		/** True when the whole answer came; false when it was stopped or cut. */
		readonly isWhole: boolean;
		readonly heldMicro: number;
	},
): Charge {
	const { usage, origin, isWhole, heldMicro } = spent;
	const micro = toMicro(route, usage.inputTokens + usage.outputTokens);
	return { usage, origin, micro: isWhole && origin === "reported" ? micro : Math.min(micro, heldMicro) };
}
