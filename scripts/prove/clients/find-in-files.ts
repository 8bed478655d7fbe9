import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Files below a folder that hold these words, links not followed. */
export async function findInFiles(directory: string, words: string): Promise<readonly string[]> {
	const entries = await readdir(directory, { recursive: true, withFileTypes: true });
	const found: string[] = [];
	for (const entry of entries) {
		if (!entry.isFile()) continue;
		const file = join(entry.parentPath, entry.name);
		const bytes = await readFile(file).catch(() => undefined);
		if (bytes?.includes(words) === true) found.push(file);
	}
	return found;
}
