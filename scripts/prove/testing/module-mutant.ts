import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** A change of a source file of the program, for one node under test. `file` from the root of the project. */
export type ModuleEdit = { readonly file: string; readonly from: string; readonly to: string };

const PRELOADED = fileURLToPath(new URL("./mutate-module.ts", import.meta.url));

/** Flags and environment of a node that runs with these edits; it does not boot when one of them no longer fits. */
export function toModuleMutant(edits: readonly ModuleEdit[]): {
	readonly flags: readonly string[];
	readonly env: Readonly<Record<string, string>>;
} {
	if (edits.length === 0) return { flags: [], env: {} };
	return { flags: [`--import=${PRELOADED}`], env: { PROVE_MUTATE: JSON.stringify(edits) } };
}

/** For processes that are started anew when they die. @throws Error when a file is not as its mutant knows it */
export async function requireFitting(edits: readonly ModuleEdit[]): Promise<void> {
	for (const { file, from } of edits) {
		const source = await readFile(new URL(`../../../${file}`, import.meta.url), "utf8");
		if (!source.includes(from)) throw new Error(`${file} has no ${from}: the mutant is out of date`);
	}
}
