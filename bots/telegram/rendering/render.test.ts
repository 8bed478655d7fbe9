import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseHtml } from "../testing/fake-html.ts";
import { render, renderDraft, TEXT_LENGTH_MAX } from "./render.ts";

function html(markdown: string): string {
	return render({ markdown })
		.map(({ text }) => text)
		.join("\n=====\n");
}

describe("markup", () => {
	test.each([
		["plain words", "plain words"],
		["**bold** and *italic* and ~~gone~~", "<b>bold</b> and <i>italic</i> and <s>gone</s>"],
		["***both***", "<i><b>both</b></i>"],
		["**a *b* c**", "<b>a <i>b</i> c</b>"],
		["**a **b** c**", "<b>a b c</b>"],
		["`a<b>&c`", "<code>a&lt;b&gt;&amp;c</code>"],
		["**x `y` z**", "<b>x </b><code>y</code><b> z</b>"],
		["# Title\n\ntext", "<b>Title</b>\n\ntext"],
		["# A **b**", "<b>A b</b>"],
		["```ts\nconst a = 1 < 2;\n```", '<pre><code class="language-ts">const a = 1 &lt; 2;</code></pre>'],
		["```\nx\n\ny\n```", "<pre>x\n\ny</pre>"],
		["```c++ title=x\nx\n```", '<pre><code class="language-c++">x</code></pre>'],
		['```"><b>\nx\n```', "<pre>x</pre>"],
		["    indented", "<pre>indented</pre>"],
		["> quoted **x**\n> more", "<blockquote>quoted <b>x</b>\nmore</blockquote>"],
		["> a\n> > b", "<blockquote>a\nb</blockquote>"],
		["> ```js\n> 1\n> ```", '<blockquote><pre><code class="language-js">1</code></pre></blockquote>'],
		["- a\n- b\n  - c\n    - d\n      - e", "• a\n• b\n   ◦ c\n      ▪ d\n         ▪ e"],
		["3. a\n4. b", "3. a\n4. b"],
		["1. a\n\n   b\n2. c", "1. a\n   b\n2. c"],
		["- [x] done\n- [ ] open", "• ☑ done\n• ☐ open"],
		["a\n\n---\n\nb", "a\n\n———\n\nb"],
		["a  \nb\\\nc", "a\nb\nc"],
		["1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"],
		["<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"],
		["a<br>b", "a\nb"],
		["AT&amp;T &copy;", "AT&amp;T ©"],
		["snake_case_name and 2*3*4", "snake_case_name and 2<i>3</i>4"],
	])("%j", (markdown, expected) => {
		expect(html(markdown)).toBe(expected);
	});

	test.each([
		['[a](https://x.y/?a=1&b="2")', '<a href="https://x.y/?a=1&amp;b=&quot;2&quot;">a</a>'],
		["[**a** `b`](http://x.y)", '<a href="http://x.y"><b>a</b> b</a>'],
		["[a](tg://resolve?domain=b)", '<a href="tg://resolve?domain=b">a</a>'],
		["[a](javascript:alert(1))", "a"],
		["[a](data:text/html,x)", "a"],
		["[a](/etc/passwd)", "a"],
		["[a](HTTPS://x.y)", '<a href="HTTPS://x.y">a</a>'],
		["[a](http://)", "a"],
		["https://x.y/z", "https://x.y/z"],
		["<https://x.y/z>", "https://x.y/z"],
		["![a cat](https://x.y/c.png)", '<a href="https://x.y/c.png">a cat</a>'],
		["![](https://x.y/c.png)", '<a href="https://x.y/c.png">https://x.y/c.png</a>'],
		[
			"[a][1] [b]\n\n[1]: https://x.y\n[b]: https://z.w",
			'<a href="https://x.y">a</a> <a href="https://z.w">b</a>',
		],
		["[a][nowhere]", "[a][nowhere]"],
		["[a](tg://resolve?domain=help)", '<a href="tg://resolve?domain=help">a</a>'],
		["[a](tg://user?id=12345)", "a"],
		["![a](TG://USER?id=12345)", "a"],
		["[a](tg://settings)", "a"],
	])("link %j", (markdown, expected) => {
		expect(html(markdown)).toBe(expected);
	});

	test("draws a table with letters of one width", () => {
		expect(html("| Name | № |\n|:--|--:|\n| Ann | 1 |\n| 王小明 | 20 |")).toBe(
			"<pre>Name   │  №\n───────┼───\nAnn    │  1\n王小明 │ 20</pre>",
		);
	});

	test.each([
		[
			"one wide row over many short ones",
			`|${"a|".repeat(500)}\n|${"-|".repeat(500)}\n${"|a\n".repeat(3000)}`,
		],
		[
			"wide cells over narrow ones",
			`|${`${"w".repeat(40)}|`.repeat(50)}\n|${"-|".repeat(50)}\n${`|${"a|".repeat(50)}\n`.repeat(80)}`,
		],
	])("a table with %s is not blown up", (_, markdown) => {
		const shown = render({ markdown }).reduce((sum, { plain }) => sum + plain.length, 0);
		expect(shown).toBeLessThan(4 * markdown.length);
	});

	test("text that has no markup is the same with and without HTML", () => {
		const [part] = render({ markdown: "hello\nworld" });
		expect(part?.text).toBe(part?.plain);
	});

	test("the plain form keeps where a link goes", () => {
		const [part] = render({ markdown: "see [**the** docs](https://x.y) & more" });
		expect(part?.plain).toBe("see the docs (https://x.y) & more");
	});
});

describe("unsafe text", () => {
	test.each([
		["nothing at all", ""],
		["spaces and line ends", " \n\t\n "],
		["controls alone", "\u0000\u202e\u2066"],
		["an empty block of code", "```\n```"],
	])("%s becomes something visible", (_, markdown) => {
		expect(render({ markdown })).toEqual([{ text: "…", plain: "…" }]);
	});

	test("takes overrides, isolates, controls and lone surrogates away", () => {
		expect(html("a\u202eb\u2067c\u0000d\ud800e\r\nf")).toBe("abcd\ufffde\nf");
	});

	test("leaves real scripts alone and cuts towers of marks", () => {
		const scripts = "שָׁלוֹם नमस्ते สวัสดี مرحبًا ❤️ 👩‍👩‍👧";
		expect(html(scripts)).toBe(scripts);
		expect(html(`z${"\u0301".repeat(500)}o`)).toBe(`z${"\u0301".repeat(6)}o`);
	});

	test.each([
		["quotes on one line", `${"> ".repeat(50_000)}a`],
		["lists on one line", `${"- ".repeat(50_000)}a`],
		["quotes on many lines", `${"> ".repeat(11)}a\n`.repeat(4000)],
		["emphasis that never ends", "*a_ ".repeat(25_000)],
		["emphasis in many paragraphs", `${"*a_ ".repeat(390)}\n\n`.repeat(64)],
		["brackets", "[".repeat(100_000)],
		["links in links", "[a](".repeat(25_000)],
		["comments", "a <!--".repeat(16_000)],
		["backticks", Array.from({ length: 440 }, (_, at) => "`".repeat(at)).join(" ")],
		["a table", `${"|a".repeat(3000)}\n${"|-".repeat(3000)}\n${`${"|b".repeat(3000)}\n`.repeat(15)}`],
		[
			"a list of ever deeper items",
			Array.from({ length: 440 }, (_, at) => `${" ".repeat(2 * at)}- a`).join("\n"),
		],
		["definitions", Array.from({ length: 8000 }, (_, at) => `[a${at}]: /u`).join("\n")],
		["white space", `a${" ".repeat(100_000)}b${"\n".repeat(50_000)}c`],
		["marks", "\u0301".repeat(100_000)],
		["joined emoji", "👩\u200d".repeat(30_000)],
	])("is done soon with %s", (_, markdown) => {
		const startedMs = performance.now();
		const parts = render({ markdown });
		// Measured at under 0.3 s each; wide enough for a busy machine, far below what the parser alone would take.
		expect(performance.now() - startedMs).toBeLessThan(3000);
		for (const { text } of parts) expect(parseHtml(text).text.length).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
	});
});

describe("splitting", () => {
	test("cuts between paragraphs and loses nothing", () => {
		const paragraphs = Array.from({ length: 30 }, (_, at) => `**${at}** ${"word ".repeat(80).trim()}`);
		const parts = render({ markdown: paragraphs.join("\n\n") });
		expect(parts.length).toBeGreaterThan(2);
		const seen = parts.flatMap(({ text }) => parseHtml(text).text.split("\n\n"));
		expect(seen).toEqual(paragraphs.map((text) => text.replaceAll("*", "")));
	});

	test("closes a block of code and opens it again with its language, keeping every line", () => {
		const lines = Array.from({ length: 600 }, (_, at) => `\tif (a < ${at}) return "x"; // line`);
		const parts = render({ markdown: `before\n\n\`\`\`ts\n${lines.join("\n")}\n\`\`\`\n\nafter` });
		expect(parts.length).toBeGreaterThan(4);
		for (const [at, { text }] of parts.entries()) {
			expect(text.match(/<pre><code class="language-ts">/g)).toHaveLength(1);
			if (at > 0) expect(text.startsWith('<pre><code class="language-ts">\tif')).toBe(true);
			if (at < parts.length - 1) expect(text.endsWith("line</code></pre>")).toBe(true);
		}
		const shown = parts.map(({ text }) => parseHtml(text).text).join("\n");
		expect(shown.split("\n").filter((line) => line.includes("// line"))).toEqual(lines);
	});

	test("emphasis goes on in the next part", () => {
		const parts = render({ markdown: `**${"word ".repeat(1500).trim()}**` });
		expect(parts).toHaveLength(2);
		for (const { text } of parts) expect(text).toMatch(/^<b>word.*word<\/b>$/);
	});

	test.each([
		["surrogate pairs", "😀"],
		["joined emoji", "👨‍👩‍👧‍👦"],
		["flags", "🇺🇳"],
		["letters with marks", "e\u0301"],
	])("never cuts through %s", (_, letter) => {
		for (const shift of ["", "a", "ab"]) {
			const parts = render({ markdown: shift + letter.repeat(4000) });
			for (const { text } of parts) {
				expect(text.isWellFormed()).toBe(true);
				expect(text.length).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
				expect(text.replace(shift, "").length % letter.length).toBe(0);
			}
			expect(parts.map(({ text }) => text).join("")).toBe(shift + letter.repeat(4000));
		}
	});

	test("a long document ends in an ellipsis instead of never", () => {
		const parts = render({ markdown: "word ".repeat(100_000) });
		expect(parts.length).toBeLessThan(40);
		expect(parts.at(-1)?.text.endsWith("…")).toBe(true);
	});

	test("buttons and file belong to the last part; a button Telegram would refuse is left out", () => {
		const attachment = { filename: "a.txt", text: "x" };
		const parts = render({
			markdown: "word ".repeat(1000),
			attachment,
			buttons: [
				[
					{ label: "Yes", data: "y:1" },
					{ label: "Too long", data: "ы".repeat(33) },
				],
				[{ label: " ", data: "z" }],
			],
		});
		expect(parts[0]).not.toHaveProperty("buttons");
		expect(parts[0]).not.toHaveProperty("attachment");
		expect(parts.at(-1)).toMatchObject({ attachment, buttons: [[{ label: "Yes", data: "y:1" }]] });
	});
});

describe("growing text", () => {
	const answer =
		"# Title\n\nSome **bold** text with `code`.\n\n```py\nprint(1)\n\nprint(2)\n```\n\n1. one\n\n2. two\n   - deep\n\n> quote\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";

	test("every prefix can be shown, and the whole is what is sent in the end", () => {
		for (let length = 0; length <= answer.length; length += 1) {
			const { text } = renderDraft(answer.slice(0, length));
			expect(parseHtml(text).text).not.toBe("");
		}
		expect(renderDraft(answer)).toEqual(render({ markdown: answer })[0]);
	});

	test("shows the end of what is longer than a message", () => {
		const { text } = renderDraft(`${"word ".repeat(2000)}last`);
		expect(text.endsWith("last")).toBe(true);
		expect(text.length).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
	});
});

test("whatever the text, Telegram takes every part", () => {
	const syntax = fc.constantFrom(
		...[
			"**",
			"*",
			"_",
			"~~",
			"`",
			"```",
			"\n",
			"\n\n",
			"> ",
			"- ",
			"1. ",
			"[",
			"](",
			")",
			"|",
			"---",
			"#",
			"<b>",
			"&",
			"    ",
			"\\",
			"!",
		],
	);
	const piece = fc.oneof(
		syntax,
		fc.string({ unit: "grapheme", maxLength: 20 }),
		fc.string({ unit: "binary" }),
	);
	fc.assert(
		fc.property(fc.array(piece, { maxLength: 80 }), fc.integer({ min: 1, max: 60 }), (pieces, times) => {
			const parts = render({ markdown: pieces.join("").repeat(times) });
			expect(parts.length).toBeGreaterThan(0);
			for (const { text, plain } of parts) {
				const visible = parseHtml(text).text;
				expect(visible.length).toBeGreaterThan(0);
				expect(visible.length).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
				expect(plain.length).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
				expect(text.isWellFormed()).toBe(true);
			}
		}),
		{ numRuns: 150, seed: 20_261_120 },
	);
});
