import { readFileSync } from "node:fs";
import type { Dialect, Finish, Usage } from "../dialect.ts";

/** What a recorded stream says, whoever reads it. */
export type Recording = {
	/** Such as `openai/qwen-tools`. */
	readonly name: string;
	readonly dialect: Dialect;
	readonly bytes: Uint8Array;
	readonly text: string;
	readonly thinking: string;
	readonly refusal: string;
	/** Id, name, arguments. */
	readonly tools: readonly (readonly [string, string, string])[];
	readonly finish: Finish | null;
	readonly stopSequence: string | null;
	readonly usage: Usage | null;
	/** `done`: with its last event; `finish`: with a reason but without that event; `cut`: with neither. */
	readonly ends: "done" | "finish" | "cut" | "error";
};

type Expected = Omit<Recording, "name" | "dialect" | "bytes">;

/** All streams under `recorded/`. */
export function loadRecordings(): readonly Recording[] {
	const root = new URL("../recorded/", import.meta.url);
	const expected = JSON.parse(readFileSync(new URL("expected.json", root), "utf8")) as Record<
		string,
		Expected
	>;
	return Object.entries(expected).map(([name, said]) => ({
		...said,
		name,
		dialect: name.startsWith("openai/") ? "openai" : "anthropic",
		bytes: new Uint8Array(readFileSync(new URL(`${name}.sse`, root))),
	}));
}
