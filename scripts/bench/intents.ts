import { performance } from "node:perf_hooks";
import { createIntentMatcher } from "../../core/intents/create-intent-matcher.ts";
import type { IntentMatcher, IntentRule } from "../../core/intents/intent.ts";
import { createNaiveMatcher } from "../../core/intents/naive-matcher.ts";

const RULES = 2_000;
const KEYWORDS_PER_RULE = 10;
const MESSAGE_LENGTH = 200;
const MESSAGES = 4_000;
/** Messages the slow one is timed on; equality is checked on as many. */
const NAIVE_MESSAGES = 400;
const ROUNDS = 5;
const SEED_DEFAULT = 20_261_120;

const ALPHABETS = {
	latin: "abcdefghijklmnopqrstuvwxyz",
	cyrillic: "абвгдежзийклмнопрстуфхцчшщъыьэюя",
	cjk: Array.from({ length: 2_500 }, (_, index) => String.fromCharCode(0x4e00 + index * 3)).join(""),
} as const;
const SCRIPTS = ["latin", "cyrillic", "cjk"] as const;

type Random = () => number;

/**
 * Microseconds to match one message of 200 characters against 20,000 keywords of three scripts, beside naive search over the same
 * keywords, on the same messages. Arguments: `--seed N`.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
	const seed = Number(args[args.indexOf("--seed") + 1] ?? SEED_DEFAULT) || SEED_DEFAULT;
	const random = createRandom(seed);
	const rules = Array.from({ length: RULES }, (_, place) => makeRule(place, random));
	const keywords = rules.flatMap((rule) => rule.keywords);
	const messages = Array.from({ length: MESSAGES }, () => makeMessage(keywords, random));

	const buildStart = performance.now();
	const match = createIntentMatcher(rules);
	const buildMs = performance.now() - buildStart;
	const naive = createNaiveMatcher(rules);

	for (const message of messages) match(message);
	const fewer = messages.slice(0, NAIVE_MESSAGES);
	const rounds = Array.from({ length: ROUNDS }, () => ({
		fast: microsecondsEach(match, messages),
		naive: microsecondsEach(naive, fewer),
	}));
	const microseconds = median(rounds.map((round) => round.fast));
	const naiveMicroseconds = median(rounds.map((round) => round.naive));
	const equal = messages.every((message) => isSame(match(message), naive(message)));
	return {
		keywords: keywords.length,
		messages: messages.length,
		microseconds: round(microseconds),
		naiveMicroseconds: round(naiveMicroseconds),
		ratio: round(median(rounds.map((round) => round.naive / round.fast))),
		equal,
		buildMs: round(buildMs),
		seed,
	};
}

function microsecondsEach(match: IntentMatcher, messages: readonly string[]): number {
	const start = performance.now();
	for (const message of messages) match(message);
	return ((performance.now() - start) * 1_000) / messages.length;
}

function makeRule(place: number, random: Random): IntentRule {
	const keywords = Array.from({ length: KEYWORDS_PER_RULE }, () => makeWord(random, 3));
	return { id: `rule-${place}`, keywords, agents: ["coder"], skills: [], weight: place % 3 };
}

/** Words of the three scripts, as long as words are in each. */
function makeWord(random: Random, lengthMin: number): string {
	const script = pick(SCRIPTS, random);
	const length = script === "cjk" ? 2 + Math.trunc(random() * 2) : lengthMin + Math.trunc(random() * 7);
	return Array.from({ length }, () => pick(ALPHABETS[script], random)).join("");
}

/** Mostly words that are no keyword, one or two that are. */
function makeMessage(keywords: readonly string[], random: Random): string {
	const words: string[] = [];
	while (words.join(" ").length < MESSAGE_LENGTH) {
		words.push(random() < 0.04 ? pick(keywords, random) : makeWord(random, 1));
	}
	return words.join(" ").slice(0, MESSAGE_LENGTH);
}

function pick<Item>(items: ArrayLike<Item>, random: Random): Item {
	return items[Math.trunc(random() * items.length)] as Item;
}

/** mulberry32: the same messages for the same seed. */
function createRandom(seed: number): Random {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}

function isSame(a: ReturnType<IntentMatcher>, b: ReturnType<IntentMatcher>): boolean {
	return a.map(({ ruleId }) => ruleId).join() === b.map(({ ruleId }) => ruleId).join();
}

function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[Math.trunc(values.length / 2)] ?? 0;
}

function round(value: number): number {
	return Math.round(value * 100) / 100;
}
