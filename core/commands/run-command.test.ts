import { describe, expect, test } from "@jest/globals";
import { AppError } from "../errors.ts";
import type { Language } from "../pipeline/message.ts";
import { createTestContext, createTestDeps, readOutcome, TEST_GROUP } from "../testing/command-context.ts";
import { LANGUAGES } from "../texts/say.ts";
import { COMMAND_MENU, COMMANDS, findCommand } from "./all-commands.ts";
import { parseCommand } from "./parse-command.ts";
import { runCommand } from "./run-command.ts";

const SCRIPT = { en: /[A-Za-z]/, "zh-CN": /\p{Script=Han}/u, ru: /\p{Script=Cyrillic}/u };
/** With nothing to stop /stop has words; what it stops speaks for itself. */
const IDLE = { stopTurn: async () => false };
const staff = { id: "7", policy: "BEST", isStaff: true } as const;
/** Their outcome is no words of their own. */
const WORDLESS = new Set(["start", "retry"]);

describe.each(LANGUAGES)("in %s", (language: Language) => {
	const spoken = COMMANDS.filter(({ name }) => !WORDLESS.has(name)).map(({ name }) => name);

	test.each(spoken)("/%s answers a private chat in that language", async (name) => {
		const ctx = createTestContext(createTestDeps(IDLE), { language, account: staff });
		const text = readOutcome(await runCommand(name, ctx));
		expect(text).toMatch(SCRIPT[language]);
		expect(text).not.toMatch(/[{}]|undefined|NaN|\[object/);
	});

	test.each(COMMANDS.filter(({ name }) => name !== "retry").map(({ name }) => name))(
		"/%s answers a group in that language",
		async (name) => {
			const ctx = createTestContext(createTestDeps(IDLE), { language, account: staff, chat: TEST_GROUP });
			expect(readOutcome(await runCommand(name, ctx))).toMatch(SCRIPT[language]);
		},
	);

	test("an unknown command gets the nearest one and the way to the list", async () => {
		const ctx = createTestContext(createTestDeps(), { language });
		const text = readOutcome(await runCommand("usgae", ctx));
		expect(text).toContain("`/usgae`");
		expect(text).toContain("/usage");
		expect(text).toContain("/help");
		expect(text).toMatch(SCRIPT[language]);
	});
});

describe("the list", () => {
	test("holds every command the product promises", () => {
		const promised =
			"start help bind link unbind plan usage tier agents skills new stop retry lang timezone support privacy export delete cancel";
		for (const name of promised.split(" ")) expect(findCommand(name)?.name).toBe(name);
		for (const name of ["last", "key", "issue"]) expect(findCommand(name)?.name).toBe(name);
	});

	test("has no word twice, and every word is one parseCommand can give", () => {
		const words = COMMANDS.flatMap(({ name, aliases }) => [name, ...aliases]);
		expect(new Set(words).size).toBe(words.length);
		for (const word of words)
			expect(parseCommand(`/${word}`)).toEqual({ kind: "command", name: word, args: "" });
		for (const { name } of COMMANDS) expect(name).toMatch(/^[a-z]{1,32}$/);
	});

	test("of a platform's menu leaves staff commands out", () => {
		const menu = COMMAND_MENU.map(({ name }) => name);
		for (const name of ["issue", "preset"]) expect(menu).not.toContain(name);
		expect(menu).toHaveLength(COMMANDS.length - 2);
	});

	test("in /help shows staff commands to staff only, and in a group only what works there", async () => {
		const help = async (overrides: object) =>
			readOutcome(await runCommand("help", createTestContext(createTestDeps(), overrides)));
		expect(await help({})).toContain("/usage");
		expect(await help({})).not.toContain("/issue");
		expect(await help({ account: staff })).toContain("/issue");
		expect(await help({ chat: TEST_GROUP })).toContain("/stop");
		expect(await help({ chat: TEST_GROUP })).not.toMatch(/\/(usage|plan|delete|link):/);
	});
});

describe("aliases", () => {
	test.each([
		["帮助", "help"],
		["помощь", "help"],
		["用量", "usage"],
		["тариф", "plan"],
		["отмена", "cancel"],
		["时区", "timezone"],
		["重发", "last"],
	])("/%s is /%s", (alias, name) => {
		expect(findCommand(alias)?.name).toBe(name);
	});
});

describe("a group", () => {
	const secret = [
		"usage",
		"plan",
		"tier",
		"agents",
		"skills",
		"link",
		"unbind",
		"key",
		"lang",
		"timezone",
		"export",
		"delete",
	];

	test.each(secret)("gets nothing of /%s but the request to write privately", async (name) => {
		const deps = createTestDeps();
		const ctx = createTestContext(deps, { chat: TEST_GROUP, args: "new" });
		const text = readOutcome(await runCommand(name, ctx));
		expect(text).toContain("Write to me privately");
		expect(text).toContain("https://t.me/rock_bot");
		expect(text).not.toMatch(/1,23|5,000|23,46|ABCDE|rp_|Free|Pro/);
		expect(deps.calls).toEqual([]);
	});

	test.each(["bind", "start"])("that sees a code with /%s makes it worthless and is warned", async (name) => {
		const deps = createTestDeps();
		const ctx = createTestContext(deps, { chat: TEST_GROUP, args: "ABCDE-12345" });
		expect(readOutcome(await runCommand(name, ctx))).toContain("worthless");
		expect(deps.calls).toEqual([{ name: "revokeExposedBindCode", args: ["ABCDE-12345"] }]);
	});

	test("gets no staff command even from staff", async () => {
		const deps = createTestDeps();
		const ctx = createTestContext(deps, { chat: TEST_GROUP, account: staff, args: "pro_40" });
		expect(readOutcome(await runCommand("issue", ctx))).toContain("privately");
		expect(deps.calls).toEqual([]);
	});
});

describe("who is not staff", () => {
	test("finds no staff command, neither by name nor as the nearest word", async () => {
		const deps = createTestDeps();
		const ctx = createTestContext(deps, { args: "pro_40" });
		expect(readOutcome(await runCommand("issue", ctx))).toContain("I do not know the command `/issue`");
		expect(readOutcome(await runCommand("isue", ctx))).not.toContain("Did you mean /issue");
		expect(deps.calls).toEqual([]);
	});
});

test("a word far from every command is not guessed at, whatever it holds", async () => {
	const ctx = createTestContext(createTestDeps());
	const text = readOutcome(await runCommand("\u202e`**[x](y)", ctx));
	expect(text).not.toContain("Did you mean");
	expect(text).not.toContain("\u202e");
	expect(text).toContain("`/ **[x](y)`");
});

test("what a command throws goes up to the boundary", async () => {
	const deps = createTestDeps({
		redeemBindCode: async () => {
			throw new AppError("BIND_CODE_INVALID", "used");
		},
	});
	await expect(runCommand("bind", createTestContext(deps, { args: "X" }))).rejects.toThrow(AppError);
});

describe("a program with an API key", () => {
	const program = {
		chat: { platform: "http", botId: "http", id: "7", kind: "private", topicId: "default" },
		sender: { platform: "http", botId: "http", userId: "7" },
		account: staff,
	} as const;

	test.each(["key", "link", "unbind", "delete", "export", "issue"])("may not run /%s", async (name) => {
		for (const args of ["", "new", "aaaaaaaa"]) {
			const deps = createTestDeps();
			await expect(runCommand(name, createTestContext(deps, { ...program, args }))).rejects.toMatchObject({
				code: "FORBIDDEN",
				details: { reason: "people-only" },
			});
			expect(deps.calls).toEqual([]);
		}
	});

	test.each(["usage", "plan", "new", "help"])("may run /%s", async (name) => {
		expect(readOutcome(await runCommand(name, createTestContext(createTestDeps(), program)))).not.toBe("");
	});
});
