import { setTimeout as sleep } from "node:timers/promises";
import type { Person } from "../flow/people.ts";

export type TalkPlan = {
	readonly people: readonly Person[];
	readonly seconds: number;
	readonly perSecond: number;
	readonly random: () => number;
	/** Ends it early when false. */
	readonly goesOn: () => boolean;
};

/** Questions at a steady rate; everybody speaks once before anybody speaks again, in an order of chance. */
export async function talk({ people, seconds, perSecond, random, goesOn }: TalkPlan): Promise<void> {
	const startedAt = performance.now();
	let round: Person[] = [];
	for (let number = 0; number < seconds * perSecond && goesOn(); number += 1) {
		const waitMs = startedAt + (number * 1_000) / perSecond - performance.now();
		if (waitMs > 0) await sleep(waitMs);
		if (round.length === 0) round = shuffle(people, random);
		round.pop()?.ask();
	}
}

function shuffle(people: readonly Person[], random: () => number): Person[] {
	const all = [...people];
	for (let at = all.length - 1; at > 0; at -= 1) {
		const other = Math.trunc(random() * (at + 1));
		const [one, two] = [all[at], all[other]];
		if (one === undefined || two === undefined) continue;
		all[at] = two;
		all[other] = one;
	}
	return all;
}
