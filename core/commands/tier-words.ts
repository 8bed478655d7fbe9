import type { Policy } from "../models/model-call.ts";

/** In the order they are offered. */
export const POLICIES: readonly Policy[] = ["BEST", "CHEAP", "CN_OK"];

/** The words of the contract, as buttons carry them. */
export const TIER_POLICIES = {
	smart: "BEST",
	economy: "CHEAP",
	"china-ready": "CN_OK",
} as const satisfies Record<string, Policy>;

export const TIER_WORDS = { BEST: "smart", CHEAP: "economy", CN_OK: "china-ready" } as const satisfies Record<
	Policy,
	keyof typeof TIER_POLICIES
>;

/** Everything people call a tier, letters only. */
const WORDS: Readonly<Record<Policy, readonly string[]>> = {
	BEST: ["smart", "best", "智能", "умный", "лучший"],
	CHEAP: ["economy", "economic", "cheap", "经济", "省钱", "экономный", "эконом", "дешёвый", "дешевый"],
	CN_OK: ["chinaready", "china", "cnok", "cn", "国内可用", "国内", "中国", "длякитая", "китай"],
};

/** The policy behind a word such as "China-ready", "经济" or "умный"; undefined when it is none. */
export function toPolicy(word: string): Policy | undefined {
	const letters = word
		.normalize("NFKC")
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]/gu, "");
	return POLICIES.find((policy) => WORDS[policy].includes(letters));
}
