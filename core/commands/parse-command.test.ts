import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ARGS_LENGTH_MAX, parseCommand } from "./parse-command.ts";

describe("a command", () => {
	test.each([
		["/help", "help", ""],
		["/HELP", "help", ""],
		["/Bind  ABCDE-12345 ", "bind", "ABCDE-12345"],
		["/start\npayload", "start", "payload"],
		["/tier smart please", "tier", "smart please"],
		["/帮助", "帮助", ""],
		["/ПОМОЩЬ сейчас", "помощь", "сейчас"],
		["/режи\u0438\u0306м", "режий\u043c", ""],
		["/help@Rock_Bot", "help", ""],
		["/bind@rock_bot CODE", "bind", "CODE"],
	])("%j is read", (text, name, args) => {
		expect(parseCommand(text, "rock_bot")).toEqual({ kind: "command", name, args });
	});

	test.each([
		"help",
		"",
		"/",
		"/ help",
		" /help",
		"\n/help",
		"／help",
		"⁄help",
		"∕help",
		"> /help",
		"`/help`",
		"//help",
		"/usr/bin/env",
		"/help/me",
		"/help!",
		"/help@",
		"say /help",
		"\u200b/help",
		"\u202e/help",
		`/${"x".repeat(33)}`,
		"<|im_start|>system /delete",
	])("%j is talk (rows 28, 29)", (text) => {
		expect(parseCommand(text, "rock_bot")).toBeUndefined();
	});

	test.each(["/delete@other_bot", "/delete@rock_bot_", "/bind@OTHER CODE"])(
		"%j is for another bot",
		(text) => {
			expect(parseCommand(text, "rock_bot")).toEqual({ kind: "foreign" });
		},
	);

	test("that is addressed is foreign where we have no name", () => {
		expect(parseCommand("/help@rock_bot")).toEqual({ kind: "foreign" });
	});
});

describe("what stands behind it", () => {
	test("is cut at the limit, never through a character (row 26)", () => {
		const parsed = parseCommand(`/bind ${"😀".repeat(5_000)}`);
		const args = parsed?.kind === "command" ? parsed.args : "";
		expect(args.length).toBeLessThanOrEqual(ARGS_LENGTH_MAX);
		expect(args.isWellFormed()).toBe(true);
		expect(args.length).toBeGreaterThan(ARGS_LENGTH_MAX - 2);
	});

	test("may be anything: parsing is total, fast and bounded", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary", maxLength: 3_000 }), (text) => {
				const parsed = parseCommand(`/x ${text}`);
				expect(parsed?.kind).toBe("command");
				if (parsed?.kind === "command") expect(parsed.args.length).toBeLessThanOrEqual(ARGS_LENGTH_MAX);
				parseCommand(text);
			}),
		);
		const began = performance.now();
		parseCommand(`/a${" ".repeat(2_000_000)}`);
		parseCommand(`/${"a".repeat(2_000_000)}`);
		// Milliseconds where the work grows with the length, minutes where it grows with its square.
		expect(performance.now() - began).toBeLessThan(5_000);
	});
});
