import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Places } from "./places.ts";

const madeSchema = z.object({
	instanceId: z.uuid(),
	generation: z.number().int().min(1),
	memoryBytes: z.number().int().min(1),
});
const runSchema = z.object({
	pid: z.number().int().min(2),
	startedAt: z.string(),
	port: z.number().int().min(1).max(65_535),
});

/** A cell as it was made, and its last run. */
export type MadeCell = z.infer<typeof madeSchema>;
export type CellRun = z.infer<typeof runSchema>;

const MADE = "cell.json";
const RUN = "run.json";
const STARTING = "starting";
/** Longer than it takes to start a program. */
const STARTING_MS = 30_000;
const EXIT = "exit";
const OUT_OF_MEMORY = "out-of-memory";

/** @throws EEXIST where it is made already */
export async function makeCell(places: Places, name: string, made: MadeCell): Promise<void> {
	await mkdir(places.cells, { recursive: true, mode: 0o711 });
	await mkdir(places.cell(name), { mode: 0o711 });
	await replace(join(places.cell(name), MADE), JSON.stringify(made));
}

/** Undefined: there is none, or it is not complete. */
export async function readMade(places: Places, name: string): Promise<MadeCell | undefined> {
	return await readJson(join(places.cell(name), MADE), madeSchema);
}

/** Undefined: it was never started. */
export async function readRun(places: Places, name: string): Promise<CellRun | undefined> {
	return await readJson(join(places.cell(name), RUN), runSchema);
}

/**
 * Somebody is about to start it: how the last run ended is forgotten. Until noteRun its number is not written down anywhere.
 *
 * @throws Error where somebody else is about to, for as long as that may take
 */
export async function noteStarting(places: Places, name: string, port: number): Promise<void> {
	const path = join(places.cell(name), STARTING);
	const found = await stat(path).catch(() => undefined);
	if (found !== undefined && Date.now() - found.mtimeMs < STARTING_MS)
		throw new Error(`${name} is being started`);
	await rm(path, { force: true });
	await writeFile(path, String(port), { flag: "wx" });
	await rm(join(places.out(name), EXIT), { force: true });
	await rm(join(places.cell(name), OUT_OF_MEMORY), { force: true });
}

/** The port of a start whose outcome was not written down. */
export async function readStarting(places: Places, name: string): Promise<number | undefined> {
	const text = await readFile(join(places.cell(name), STARTING), "utf8").catch(() => undefined);
	return text === undefined ? undefined : Number(text);
}

/** It runs. */
export async function noteRun(places: Places, name: string, run: CellRun): Promise<void> {
	await replace(join(places.cell(name), RUN), JSON.stringify(run));
	await rm(join(places.cell(name), STARTING), { force: true });
}

/** As if it had never been started. */
export async function forgetRun(places: Places, name: string): Promise<void> {
	await rm(join(places.cell(name), RUN), { force: true });
}

export async function noteOutOfMemory(places: Places, name: string): Promise<void> {
	await writeFile(join(places.cell(name), OUT_OF_MEMORY), "");
}

export async function readEnd(
	places: Places,
	name: string,
): Promise<{ readonly exitCode?: number; readonly isOutOfMemory: boolean }> {
	const code = await readFile(join(places.out(name), EXIT), "utf8").catch(() => "");
	const isOutOfMemory = await readFile(join(places.cell(name), OUT_OF_MEMORY)).then(
		() => true,
		() => false,
	);
	return { isOutOfMemory, ...(/^\d{1,3}\n?$/.test(code) && { exitCode: Number(code) }) };
}

/** Names of all that are made. */
export async function listMade(places: Places): Promise<readonly string[]> {
	const names = await readdir(places.cells).catch(() => []);
	return names.filter((name) => /^oc-[0-9a-f-]{36}-g\d{1,15}$/.test(name));
}

export async function removeMade(places: Places, name: string): Promise<void> {
	await rm(places.cell(name), { recursive: true, force: true });
}

/** Whoever reads it reads the old one or the new one. */
async function replace(path: string, text: string): Promise<void> {
	await writeFile(`${path}.new`, text, { mode: 0o600 });
	await rename(`${path}.new`, path);
}

async function readJson<Value>(path: string, schema: z.ZodType<Value>): Promise<Value | undefined> {
	try {
		const parsed = schema.safeParse(JSON.parse(await readFile(path, "utf8")));
		return parsed.success ? parsed.data : undefined;
	} catch {
		return undefined;
	}
}
