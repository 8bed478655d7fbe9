import { expect, test } from "@jest/globals";
import type { Trouble } from "./trouble.ts";
import { toTrouble } from "./trouble.ts";

test.each<[string | undefined, Trouble]>([
	["it needed more memory than it may have", "memory"],
	["it cannot take its configuration", "configuration"],
	["its program cannot be installed now", "program"],
	["openclaw@2026.9.6 is being installed, for 12 s so far", "program"],
	["it was not ready in time", "late"],
	["it does not answer", "silent"],
	["it answers 503: starting", "silent"],
	["it ended with 1", "ended"],
	["EACCES: permission denied, open '/var/lib/x'", "other"],
	[undefined, "other"],
])("%s: %s", (why, trouble) => {
	expect(toTrouble(why)).toBe(trouble);
});
