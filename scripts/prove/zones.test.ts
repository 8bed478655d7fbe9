import { expect, test } from "@jest/globals";
import { prove } from "./zones.ts";

const short = { seconds: undefined, seed: 7, isShort: true };

test("every hour belongs to one day of its zone, and who hops gets no more than one grant a day", async () => {
	expect(await prove({ ...short, mutant: undefined })).toMatchObject({
		passed: true,
		figures: { uncovered: 0, torn: 0, zonesMissing: 0, greedy: 0 },
	});
}, 60_000);

test.each(["hop-at-once", "plain-day"])(
	"mutant: %s",
	async (mutant) => {
		expect(await prove({ ...short, mutant })).toMatchObject({ passed: false });
	},
	60_000,
);
