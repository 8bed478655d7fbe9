import { readdir, readFile } from "node:fs/promises";

type Bench = {
	/** Measures and answers its figures. */
	run(args: readonly string[]): Promise<Record<string, unknown>>;
	/** One line: the name and its options with their defaults. */
	readonly usage?: string;
};

/** `npm run bench -- NAME [options]`: prints the figures of scripts/bench/NAME.ts, as JSON in the last line. */
const directory = new URL("./bench/", import.meta.url);
const [name, ...args] = process.argv.slice(2);
const benches = await listBenches();

if (name === undefined || !benches.includes(name)) {
	console.error(name === undefined ? "Which bench?" : `There is no bench ${name}.`);
	for (const bench of benches) console.error(`  npm run bench -- ${(await load(bench)).usage ?? bench}`);
	process.exitCode = 2;
} else {
	const figures = await (await load(name)).run(args);
	console.log(JSON.stringify(figures));
}

/** Files beside which there is more to a bench (its parts, its tests) do not export `run`. */
async function listBenches(): Promise<readonly string[]> {
	const names: string[] = [];
	for (const file of (await readdir(directory)).sort()) {
		if (!file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
		const source = await readFile(new URL(file, directory), "utf8");
		if (source.includes("export async function run(")) names.push(file.slice(0, -".ts".length));
	}
	return names;
}

async function load(bench: string): Promise<Bench> {
	return (await import(new URL(`${bench}.ts`, directory).href)) as Bench;
}
