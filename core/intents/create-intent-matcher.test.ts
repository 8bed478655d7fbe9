import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { createIntentMatcher } from "./create-intent-matcher.ts";
import { foldText } from "./fold-text.ts";
import type { IntentRule } from "./intent.ts";
import { createNaiveMatcher } from "./naive-matcher.ts";

function toRule(id: string, keywords: readonly string[], weight = 0): IntentRule {
	return { id, keywords, agents: [id], skills: [], weight };
}

const rules = [
	toRule("ops", ["数据", "分析", "运营", "data analysis", "отчёт"]),
	toRule("coder", ["代码", "bug", "API", "код", "C++", "AI助手", "straße"]),
	toRule("pm", ["产品", "需求", "MVP"], 5),
];

describe.each([
	["the automaton", createIntentMatcher],
	["naive search", createNaiveMatcher],
])("intents by %s", (_, create) => {
	const match = create(rules);
	const ids = (text: string) => match(text).map(({ ruleId }) => ruleId);

	test.each([
		["a CJK keyword inside a sentence", "帮我分析一下", ["ops"]],
		["a Latin keyword between CJK characters", "用API开发", ["coder"]],
		["case and width", "ＡＰＩ and Ｂｕｇ", ["coder"]],
		["a rule once, however many keywords", "数据 分析 运营 数据", ["ops"]],
		["several rules, the heavier first", "bug in 数据 of the mvp", ["pm", "coder", "ops"]],
		["Cyrillic in another case", "Мой КОД сломан", ["coder"]],
		["a phrase", "some Data Analysis please", ["ops"]],
		["a keyword at both ends", "bug", ["coder"]],
		["a keyword that ends in signs", "I like C++, really", ["coder"]],
		["letters folded to two", "an der STRASSE", ["coder"]],
		["a keyword of two scripts", "我的AI助手", ["coder"]],
	])("finds %s", (_, text, expected) => {
		expect(ids(text)).toEqual(expected);
	});

	test.each([
		["api inside capital", "the capital of France"],
		["a keyword with a letter behind", "debugger bugs"],
		["Cyrillic inside a word", "кодекс раскодировать"],
		["a keyword beside a digit", "bug2 2bug"],
		["a keyword beside an underscore", "my_api api_v2"],
		["a keyword beside a combining mark", "bug\u0335"],
		["a keyword after an accented letter", "ébug"],
		["the Latin part of a keyword of two scripts in a word", "OpenAI助手"],
		["nothing", ""],
		["half a surrogate pair", "\ud83d"],
	])("does not find %s", (_, text) => {
		expect(ids(text)).toEqual([]);
	});

	test("reads only the beginning of an endless message", () => {
		expect(ids(`${"x ".repeat(20_000)} bug`)).toEqual([]);
	});
});

test("a matcher of no rules, and of rules with empty keywords, matches nothing", () => {
	expect(createIntentMatcher([])("anything")).toEqual([]);
	expect(createIntentMatcher([toRule("a", ["", " "])])("a b")).toEqual([]);
});

test("a keyword of two rules meets both", () => {
	const match = createIntentMatcher([toRule("b", ["one"]), toRule("a", ["One", "two"])]);
	expect(match("one").map(({ ruleId }) => ruleId)).toEqual(["a", "b"]);
});

test("folding is the same for what is the same to a reader", () => {
	expect(foldText("Ａｐｉ")).toBe("api");
	expect(foldText("ΟΔΟΣ οδος")).toBe(foldText("οδος ΟΔΟΣ"));
	expect(foldText("Straße")).toBe(foldText("STRASSE"));
	expect(foldText("ﬁx")).toBe("fix");
});

describe("the automaton equals naive search", () => {
	const unit = fc.constantFrom(..."abAB12_ -кодКод数据ｄａß́ς😀ｱア가́");
	const word = fc.string({ unit, minLength: 1, maxLength: 4 });
	const someRules = fc.array(
		fc.record({
			id: fc.string({ unit: fc.constantFrom(..."abc"), minLength: 1, maxLength: 3 }),
			keywords: fc.array(word, { minLength: 1, maxLength: 5 }),
			agents: fc.constant(["x"]),
			skills: fc.constant([]),
			weight: fc.integer({ min: -1, max: 1 }),
		}),
		{ maxLength: 8 },
	);

	test("on any rules and any text", () => {
		fc.assert(
			fc.property(
				someRules,
				fc.array(fc.string({ unit, maxLength: 40 }), { maxLength: 5 }),
				(rules, texts) => {
					const fast = createIntentMatcher(rules);
					const naive = createNaiveMatcher(rules);
					for (const text of texts) expect(fast(text)).toEqual(naive(text));
				},
			),
			{ numRuns: 1_500 },
		);
	});

	test("on texts made of the keywords themselves", () => {
		fc.assert(
			fc.property(someRules, fc.infiniteStream(fc.nat()), (rules, picks) => {
				const words = rules.flatMap((rule) => rule.keywords);
				if (words.length === 0) return;
				const text = [...picks.take(6)].map((pick) => words[pick % words.length]).join("");
				expect(createIntentMatcher(rules)(text)).toEqual(createNaiveMatcher(rules)(text));
			}),
			{ numRuns: 1_500 },
		);
	});
});
