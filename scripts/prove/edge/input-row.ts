import type { Desk } from "./desk.ts";

/** One line of "Bad inputs" of the security page against the running program. @throws Error when the result is another one */
export type InputRow = {
	/** Its number on the page. */
	readonly row: number;
	readonly name: string;
	readonly check: (desk: Desk) => Promise<void>;
	/** It waits for a time limit of the program: run beside the others, left out of the short version. */
	readonly isSlow?: true;
};

/** Rows about what does not exist yet, and rows that another program or test shows better. */
export const ROWS_ELSEWHERE: Readonly<Record<number, string>> = {
	25: "no payments yet",
	34: "core/egress/create-egress.test.ts: needs a resolver",
	35: "core/egress/create-egress.test.ts: needs a resolver",
	50: "no panel yet",
	51: "no panel yet",
	52: "no panel yet",
	54: "no panel yet",
	55: "no panel yet",
	56: "no panel yet",
	57: "no panel yet",
	58: "no panel yet",
	59: "no panel yet",
	62: "npm run prove -- zones",
	63: "npm run prove -- ledger, model",
	64: "scripts/whole-system/instances/http.test.ts",
	65: "scripts/whole-system/instances/http.test.ts",
	66: "scripts/whole-system/instances/http.test.ts",
	67: "scripts/whole-system/instances/http.test.ts",
	68: "scripts/whole-system/instances/http.test.ts",
	69: "files of an instance cannot be restored yet",
	70: "core/instances/probe.test.ts",
};

export const ROWS_ON_PAGE = 73;
