import { expect, test } from "@jest/globals";
import * as crash from "./crash.ts";
import * as crashDb from "./crash-db.ts";
import * as lanes from "./lanes.ts";
import * as points from "./points.ts";
import type { Proof } from "./prove-options.ts";
import * as zombie from "./zombie.ts";

const SHORT = { seconds: undefined, mutant: undefined, isShort: true } as const;
const TIME_MS = 90_000;

const PROOFS: readonly (readonly [string, Proof])[] = [
	["nodes are killed all the time", crash],
	["PostgreSQL is killed with them", crashDb],
	["a node dies at a named point", points],
	["a node sleeps past its leases", zombie],
	["a chat hangs", lanes],
];

/** Two at a time: they mostly wait for leases to end, and yet each has its nodes. */
const AT_A_TIME = 2;
const ways = Array.from({ length: AT_A_TIME }, () => Promise.resolve());
let begun = 0;

async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
	const way = begun % AT_A_TIME;
	begun += 1;
	const done = (ways[way] ?? Promise.resolve()).then(work);
	ways[way] = done.then(
		() => undefined,
		() => undefined,
	);
	return await done;
}

test.concurrent.each(PROOFS)(
	"nothing is lost, doubled or out of order when %s",
	async (_, { prove }) => {
		const { passed, figures } = await inTurn(async () => await prove({ ...SHORT, seed: 1 }));
		// The figures say what is wrong.
		expect(passed ? "passed" : JSON.stringify(figures)).toBe("passed");
	},
	TIME_MS,
);
