import { expect, test } from "@jest/globals";
import { COMMANDS } from "./all-commands.ts";
import { findNearestCommand } from "./nearest-command.ts";

test.each([
	["hlep", "help"],
	["halp", "help"],
	["usge", "usage"],
	["timezon", "timezone"],
	["suport", "support"],
	["stat", "start"],
	["帮住", "help"],
	["помощ", "help"],
	["отмен", "cancel"],
])("/%s was meant as /%s", (typed, name) => {
	expect(findNearestCommand(typed, COMMANDS)?.name).toBe(name);
});

test.each(["", "xyzzy", "qq", "аааааа", "x".repeat(32)])("/%s is near to nothing", (typed) => {
	expect(findNearestCommand(typed, COMMANDS)).toBeUndefined();
});
