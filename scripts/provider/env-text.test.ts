import { parseEnv } from "node:util";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { editEnv, undoEnv } from "./env-text.ts";

const KEY = "sk-new_1234567890";
const set = (text: string, value = KEY) => editEnv(text, { OPENAI_API_KEY: value });

test.each([
	["an empty file", "", `OPENAI_API_KEY=${KEY}\n`],
	["other lines and comments", "# a\nPORT=1\n\n", `# a\nPORT=1\n\nOPENAI_API_KEY=${KEY}\n`],
	["no final newline", "PORT=1", `PORT=1\nOPENAI_API_KEY=${KEY}\n`],
	["CRLF", "PORT=1\r\nA=b", `PORT=1\r\nA=b\r\nOPENAI_API_KEY=${KEY}\r\n`],
	["a key already there", "A=1\nOPENAI_API_KEY=old\nB=2\n", `A=1\nOPENAI_API_KEY=${KEY}\nB=2\n`],
	["one there with CRLF", "OPENAI_API_KEY=old\r\nB=2\r\n", `OPENAI_API_KEY=${KEY}\r\nB=2\r\n`],
	["one there in quotes", "OPENAI_API_KEY = 'old'\nB=2", `OPENAI_API_KEY=${KEY}\nB=2`],
	["one there with export and a comment", 'export OPENAI_API_KEY="o" # mine\n', `OPENAI_API_KEY=${KEY}\n`],
	["an empty one", "OPENAI_API_KEY=\nB=2\n", `OPENAI_API_KEY=${KEY}\nB=2\n`],
	["one in a comment", "#OPENAI_API_KEY=\n", `#OPENAI_API_KEY=\nOPENAI_API_KEY=${KEY}\n`],
	[
		"two of it: the last counts",
		"OPENAI_API_KEY=a\nOPENAI_API_KEY=b\n",
		`OPENAI_API_KEY=a\nOPENAI_API_KEY=${KEY}\n`,
	],
	[
		"a value over several lines",
		"A='x\nOPENAI_API_KEY=no\ny'\n",
		`A='x\nOPENAI_API_KEY=no\ny'\nOPENAI_API_KEY=${KEY}\n`,
	],
	[
		"a longer name",
		"MY_OPENAI_API_KEY=1\nOPENAI_API_KEY_OLD=2\n",
		`MY_OPENAI_API_KEY=1\nOPENAI_API_KEY_OLD=2\nOPENAI_API_KEY=${KEY}\n`,
	],
])("a key is set in a file with %s, and taken back to the byte", (_name, before, after) => {
	const { text, edit } = set(before);
	expect(text).toBe(after);
	expect(parseEnv(text)["OPENAI_API_KEY"]).toBe(KEY);
	expect(undoEnv(text, edit)).toEqual({ kind: "undone", text: before });
	expect(undoEnv(before, edit)).toEqual({ kind: "already", text: before });
});

test("the same value again changes nothing", () => {
	const text = `OPENAI_API_KEY="${KEY}"\n`;
	const { text: after, edit } = set(text);
	expect(after).toBe(text);
	expect(edit).toMatchObject({ replaced: [], appended: { length: 0, lines: [] } });
	expect(undoEnv(text, edit)).toEqual({ kind: "already", text });
});

test("what an edit notes holds the former value, never the new one", () => {
	const { edit } = editEnv("OPENAI_API_KEY=old\n", { OPENAI_API_KEY: KEY, CLOUDRU_API_KEY: KEY });
	expect(JSON.stringify(edit)).toContain("=old");
	expect(JSON.stringify(edit)).not.toContain(KEY);
});

test.each(["a#b$c", "it's", "a\"b'c", "x\\ny", "=", "ключ"])("a value such as %s reads back", (value) => {
	const bytes = Buffer.from(value).toString("latin1");
	expect(parseEnv(set("A=1\n", bytes).text)["OPENAI_API_KEY"]).toBe(bytes);
});

test("a value that no file can hold is refused without being shown", () => {
	expect(() => set("", "a'b`c\"d")).toThrow(/^OPENAI_API_KEY holds every kind of quote/);
});

test("an empty value empties a line in its place and adds none", () => {
	expect(set("A=1\n", "").text).toBe("A=1\n");
	const { text, edit } = set("OPENAI_API_KEY=old\nA=1\n", "");
	expect(text).toBe("OPENAI_API_KEY=\nA=1\n");
	expect(undoEnv(text, edit)).toMatchObject({ text: "OPENAI_API_KEY=old\nA=1\n" });
});

test("what others wrote meanwhile stays, and a variable they changed is not touched", () => {
	const added = set("A=1\n");
	expect(undoEnv(`${added.text}B=2\n`, added.edit)).toEqual({ kind: "undone", text: "A=1\nB=2\n" });
	expect(undoEnv(`A=1\nOPENAI_API_KEY=other\n`, added.edit)).toEqual({
		kind: "changed",
		name: "OPENAI_API_KEY",
	});
	expect(undoEnv("", added.edit)).toEqual({ kind: "already", text: "" });
	const replaced = set("OPENAI_API_KEY=old\n");
	expect(undoEnv("OPENAI_API_KEY=other\n", replaced.edit).kind).toBe("changed");
	expect(undoEnv("A=1\n", replaced.edit).kind).toBe("changed");
});

test("whatever the file: either it is refused, or only that variable reads differently and undo restores it", () => {
	const piece = fc.constantFrom(
		...[
			"A=1",
			"OPENAI_API_KEY=x",
			"OPENAI_API_KEY='q",
			"'",
			'"',
			"`",
			"#",
			"\n",
			"\r\n",
			" ",
			"export ",
			"B='c\nd'",
		],
	);
	fc.assert(
		fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
			const before = pieces.join("");
			let done: ReturnType<typeof set>;
			try {
				done = set(before);
			} catch (error) {
				expect(String(error)).toContain("Nothing was changed");
				return;
			}
			const { OPENAI_API_KEY: _, ...others } = parseEnv(before);
			expect(parseEnv(done.text)).toEqual({ ...others, OPENAI_API_KEY: KEY });
			expect(undoEnv(done.text, done.edit)).toMatchObject({ text: before });
		}),
		{ numRuns: 500 },
	);
});
