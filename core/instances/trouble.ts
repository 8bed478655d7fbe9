/** What is wrong with an instance, as far as its owner may know it. */
export type Trouble = "memory" | "configuration" | "program" | "silent" | "late" | "ended" | "other";

const SIGNS: readonly (readonly [RegExp, Trouble])[] = [
	[/more memory than/, "memory"],
	[/configuration/, "configuration"],
	[/its program|is being installed|being brought here/, "program"],
	[/was not ready in time/, "late"],
	[/does not answer|it answers \d/, "silent"],
	[/^it ended/, "ended"],
];

/** From what was noted of it, which may name this machine and is for those who run it. */
export function toTrouble(why: string | undefined): Trouble {
	return SIGNS.find(([sign]) => sign.test(why ?? ""))?.[1] ?? "other";
}
