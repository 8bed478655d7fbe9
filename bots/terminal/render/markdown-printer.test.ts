import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { createMarkdownPrinter } from "./markdown-printer.ts";

function print(pieces: readonly string[], width: number | undefined = 80, isColored = false): string {
	const printer = createMarkdownPrinter({ width, isColored });
	return pieces.map((piece) => printer.push(piece)).join("") + printer.end();
}

/** Two neighbours in one colour look like one. */
function joinColors(text: string): string {
	return text.replaceAll("\x1b[0m\x1b[36m", "");
}

describe("Markdown in the terminal", () => {
	test.each([
		["plain words", "Hello there.", "Hello there."],
		["bold, italic, strike", "a **b c** *d* __e__ _f_ ~~g~~.", "a b c d e f g."],
		["code keeps its quotes without colours", "run `npm start` now", "run `npm start` now"],
		["a link shows its address", "see [the page](https://x.example/a)", "see the page (https://x.example/a)"],
		["names with underscores stay", "use snake_case_name and __init__", "use snake_case_name and init"],
		["lonely marks stay", "2 * 3 * 4 and a_b and ** x", "2 * 3 * 4 and a_b and ** x"],
		["an open mark at the end of a line is text", "**open\nnext**", "**open\nnext**"],
		["escaped marks", "\\*not\\* a\\b", "*not* a\\b"],
		["headings", "# Title\ntext", "Title\ntext"],
		["hash tags are no headings", "#tag", "#tag"],
		["lists", "- one\n* two\n  + three\n1. four", "• one\n• two\n  • three\n1. four"],
		["a number is no list", "1.5 litres\n2024 was", "1.5 litres\n2024 was"],
		["quotes", "> said\nmore", "│ said\nmore"],
		["rules", "---\n***", `${"─".repeat(40)}\n${"─".repeat(40)}`],
		[
			"code blocks",
			"```ts\nconst a = `b`;\n\n  **c**\n```\nafter",
			"┌── ts\n│ const a = `b`;\n│ \n│   **c**\n└──\nafter",
		],
		["tables as they are", "| a | b |\n|---|---|", "| a | b |\n|---|---|"],
		["an unclosed code block", "```\ncode", "┌──\n│ code"],
		["empty lines", "a\n\n\nb\n", "a\n\n\nb\n"],
	])("%s", (_, source, shown) => {
		expect(print([source])).toBe(shown);
	});

	test("uses colours only when asked to", () => {
		expect(print(["a **b** `c`"], 80, true)).toBe("a \x1b[1mb\x1b[0m \x1b[36mc\x1b[0m");
		expect(print(["# T"], 80, true)).toBe("\x1b[1mT\x1b[0m");
	});

	test("wraps at words, and indents what belongs to a list", () => {
		expect(print(["aaa bbb ccc ddd"], 8)).toBe("aaa bbb\nccc ddd");
		expect(print(["- aaa bbb ccc"], 9)).toBe("• aaa bbb\n  ccc");
	});

	test("cuts a word that is longer than a line", () => {
		expect(print(["aaaaaaaaaa b"], 4)).toBe("aaaa\naaaa\naa b");
	});

	test("wraps Chinese between characters but not before a full stop", () => {
		expect(print(["你好世界。"], 8)).toBe("你好世\n界。");
	});

	test("never breaks code", () => {
		expect(print(["```\naaaa bbbb cccc\n```"], 6)).toBe("┌──\n│ aaaa bbbb cccc\n└──");
	});

	test("lets no escape sequence through", () => {
		const evil = "a\x1b[2Jb\x1b]0;title\x07c\x9b31md\rX\x08\u202eabc\u0000";
		const shown = print([evil], 80, true);
		expect(shown).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
		expect(shown).toContain("X");
	});

	test("shows words before their line is complete", () => {
		const printer = createMarkdownPrinter({ width: 80, isColored: false });
		expect(printer.push("Hello the")).toBe("Hello");
		expect(printer.push("re, you")).toBe(" there,");
		expect(printer.push(" **bo")).toBe(" you");
		expect(printer.push("ld** x")).toBe(" bold");
		expect(printer.end()).toBe(" x");
	});

	test("holds an open mark for a bounded time only", () => {
		const printer = createMarkdownPrinter({ width: undefined, isColored: false });
		expect(printer.push(`**${"a b ".repeat(400)}`).length).toBeGreaterThan(1_000);
	});

	test("gives the same text whatever the pieces are", () => {
		const words = fc.constantFrom(
			..."a,b , ,\n,\n\n,*,**,***,_,__,`,``,```,```ts\n,~~,~~~,[,],(,),[x](y),# ,> ,- ,1. ,12,---,\\,你,好。,😀,👩‍💻,\t,|,  ,é,\x1b[".split(
				",",
			),
		);
		fc.assert(
			fc.property(
				fc.array(words, { maxLength: 40 }),
				fc.array(fc.nat(6)),
				fc.boolean(),
				(parts, cuts, isColored) => {
					const whole = parts.join("");
					const pieces: string[] = [];
					let at = 0;
					for (const cut of cuts) {
						pieces.push(whole.slice(at, at + cut));
						at += cut;
					}
					pieces.push(whole.slice(at));
					expect(joinColors(print(pieces, 12, isColored))).toBe(joinColors(print([whole], 12, isColored)));
				},
			),
			{ numRuns: 3_000 },
		);
	});

	test("takes hostile text in bounded time", () => {
		const startedAt = performance.now();
		for (const unit of ["*", "_", "`", "[", "**a", "[a](", "~~", "\\", "> ", "- ", " ", "\t", "#", "🏳️‍🌈"]) {
			print([unit.repeat(20_000)]);
			print(Array.from({ length: 5_000 }, () => unit));
		}
		expect(performance.now() - startedAt).toBeLessThan(5_000);
	});
});
