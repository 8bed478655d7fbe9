import { expect, test } from "@jest/globals";
import { findNewLines } from "./new-lines.ts";

test.each<[string, string, string, string, boolean]>([
	["the first look", "", "a b", "a b", false],
	["nothing new", "a b", "a b", "", false],
	["one more, all of it seen", "a b", "a b c", "c", false],
	["one more, the window moved on", "a b c", "b c d", "d", false],
	["lines alike", "a a", "a a a", "a", false],
	["more than a window", "a b c", "x y z", "x y z", true],
	["cut short", "a b c", "", "", false],
	["cut short and begun again", "a b c", "d", "d", true],
])("%s", (_, before, now, lines, isGap) => {
	const split = (text: string): string[] => text.split(" ").filter((line) => line !== "");
	expect(findNewLines(split(before), split(now))).toEqual({ lines: split(lines), isGap });
});
