import { HELLO, TOOL_SAID } from "./scripted-model.ts";

/** One thing a client was asked. */
export type Turn = {
	readonly name: string;
	readonly ms: number;
	readonly prompts: readonly number[];
	/** What was wrong with what it said; undefined: nothing. */
	readonly fault: string | undefined;
};

export type TurnFigures = {
	readonly turns: number;
	readonly firstTurnMs: number | undefined;
	readonly laterTurnsMs: readonly number[];
	readonly promptBytes: readonly number[];
};

const SAID_MAX = 300;

/** The model's words, or what a tool found out for it. */
export function findFault(said: string, word: string | undefined): string | undefined {
	const isRight = word === undefined ? said.includes(HELLO) : said.includes(TOOL_SAID) && said.includes(word);
	return isRight ? undefined : `it said: ${said.slice(-SAID_MAX)}`;
}

export function toFigures(turns: readonly Turn[]): TurnFigures {
	const [first, ...later] = turns;
	return {
		turns: turns.length,
		firstTurnMs: first?.ms,
		laterTurnsMs: later.map(({ ms }) => ms),
		promptBytes: turns.flatMap(({ prompts }) => prompts),
	};
}

export function toFaults(client: string, turns: readonly Turn[]): readonly string[] {
	return turns.flatMap(({ name, fault }) => (fault === undefined ? [] : [`${client}, ${name}: ${fault}`]));
}
