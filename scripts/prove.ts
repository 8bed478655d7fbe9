import { readdir, readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { Proof, ProveOptions, ProveResult } from "./prove/prove-options.ts";

/**
 * `npm run prove -- NAME [--seconds N] [--seed S] [--mutant NAME] [--short]`: prints figures and seed as JSON in the last line
 * and fails when what the program must show does not hold. `mutants` runs every broken variant and fails if one survives.
 */
const directory = new URL("./prove/", import.meta.url);
const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		seconds: { type: "string" },
		seed: { type: "string" },
		mutant: { type: "string" },
		short: { type: "boolean", default: false },
	},
});
const proofs = await listProofs();
const [name] = positionals;

if (name === "mutants") await runMutants();
else if (name !== undefined && proofs.includes(name)) await runOne(name);
else {
	console.error(name === undefined ? "Which proof?" : `There is no proof ${name}.`);
	for (const proof of proofs) {
		const { mutants = [] } = await load(proof);
		const broken = mutants.length > 0 ? ` [--mutant ${mutants.join("|")}]` : "";
		console.error(`  npm run prove -- ${proof} [--seconds N] [--seed S] [--short]${broken}`);
	}
	console.error("  npm run prove -- mutants");
	process.exitCode = 2;
}

async function runOne(proof: string): Promise<void> {
	const options = toOptions(values.mutant);
	const { passed, figures } = await prove(proof, options);
	console.log(JSON.stringify({ proof, passed, seed: options.seed, mutant: options.mutant, ...figures }));
	if (!passed) process.exitCode = 1;
}

async function runMutants(): Promise<void> {
	const survivors: string[] = [];
	let caught = 0;
	for (const proof of proofs) {
		const { mutants = [] } = await load(proof);
		// Where the short program passes unbroken, what it does not pass broken needs no longer one.
		const isShortSound = mutants.length > 0 && (await prove(proof, toShort(undefined))).passed;
		for (const mutant of mutants) {
			const startedAt = performance.now();
			const isCaught =
				(isShortSound && isBroken(await prove(proof, toShort(mutant)))) ||
				isBroken(await prove(proof, toOptions(mutant)));
			const seconds = Math.round((performance.now() - startedAt) / 1_000);
			console.error(`${proof} --mutant ${mutant}: ${isCaught ? "caught" : "SURVIVED"} after ${seconds} s`);
			if (isCaught) caught += 1;
			else survivors.push(`${proof}/${mutant}`);
		}
	}
	console.log(JSON.stringify({ proof: "mutants", passed: survivors.length === 0, caught, survivors }));
	if (survivors.length > 0) process.exitCode = 1;
}

async function prove(proof: string, options: ProveOptions): Promise<ProveResult> {
	const { prove: run, mutants = [] } = await load(proof);
	if (options.mutant !== undefined && !mutants.includes(options.mutant)) {
		throw new Error(`${proof} has no mutant ${options.mutant}; it has ${mutants.join(", ") || "none"}`);
	}
	return await run(options);
}

function toOptions(mutant: string | undefined): ProveOptions {
	return {
		seconds: values.seconds === undefined ? undefined : toWhole("seconds", values.seconds),
		seed: values.seed === undefined ? Math.trunc(Math.random() * 2 ** 31) : toWhole("seed", values.seed),
		mutant,
		isShort: values.short,
	};
}

/** A run in which too little happened has caught nothing. */
function isBroken({ passed, isPoor = false }: ProveResult): boolean {
	return !passed && !isPoor;
}

function toShort(mutant: string | undefined): ProveOptions {
	return { ...toOptions(mutant), isShort: true };
}

function toWhole(option: string, text: string): number {
	const number = Number(text);
	if (!Number.isSafeInteger(number) || number < 0) throw new Error(`--${option} must be a whole number`);
	return number;
}

async function listProofs(): Promise<readonly string[]> {
	const names: string[] = [];
	for (const file of (await readdir(directory)).sort()) {
		if (!file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
		const source = await readFile(new URL(file, directory), "utf8");
		if (source.includes("export async function prove(")) names.push(file.slice(0, -".ts".length));
	}
	return names;
}

async function load(proof: string): Promise<Proof> {
	return (await import(new URL(`${proof}.ts`, directory).href)) as Proof;
}
