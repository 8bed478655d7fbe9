import { expect, test } from "@jest/globals";
import type { InstanceFigures } from "./judge.ts";
import { judge } from "./judge.ts";

const WELL: InstanceFigures = {
	...{ instanceId: "i", cpuShare: 0.8, memoryShare: 0.9, turns: 100, turnsFailed: 5 },
	slope: { sharePerHour: 0.01, fit: 0.99, points: 36, shareNow: 0.5 },
};

test.each<[string, Partial<InstanceFigures>, readonly string[]]>([
	["at every limit, and over none", {}, []],
	["more processor than it may have", { cpuShare: 0.81 }, ["cpu 0.81"]],
	["more memory", { memoryShare: 0.95 }, ["memory 0.95"]],
	["more failures", { turnsFailed: 6 }, ["errors 0.06"]],
	["all of its few messages failed", { turns: 19, turnsFailed: 19 }, []],
	[
		"nobody looked",
		{ cpuShare: undefined, memoryShare: undefined, turns: 0, turnsFailed: 0, slope: undefined },
		[],
	],
	[
		"full in ten hours",
		{ slope: { sharePerHour: 0.05, fit: 0.8, points: 24, shareNow: 0.5 } },
		["memory-slope 10"],
	],
	["full in two days", { slope: { sharePerHour: 0.01, fit: 1, points: 24, shareNow: 0.52 } }, []],
	["up and down", { slope: { sharePerHour: 0.05, fit: 0.79, points: 36, shareNow: 0.5 } }, []],
	["not long enough", { slope: { sharePerHour: 0.05, fit: 1, points: 23, shareNow: 0.5 } }, []],
	["getting less", { slope: { sharePerHour: -0.05, fit: 1, points: 36, shareNow: 0.5 } }, []],
	[
		"over it already",
		{ memoryShare: 1.2, slope: { sharePerHour: 0.1, fit: 1, points: 36, shareNow: 1.2 } },
		["memory 1.2", "memory-slope 0"],
	],
])("%s", (_, figures, expected) => {
	const found = judge({ ...WELL, ...figures });
	expect(found.map(({ kind, figure }) => `${kind} ${Math.round(figure * 100) / 100}`)).toEqual(expected);
});
