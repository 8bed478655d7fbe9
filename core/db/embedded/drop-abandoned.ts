import { lstat, readdir, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { readPostmaster } from "./postmaster.ts";

const NOTE = ".owner";

/**
 * Removes clusters outside of their project whose project lay in the temporary directory and is gone: nobody will ever come
 * back to them. Others stay, since their disk may just not be mounted. Never throws.
 */
export async function dropAbandoned(systemDirectory: string): Promise<void> {
	const temporary = `${await realpath(tmpdir())}${sep}`;
	for (const name of await readdir(systemDirectory).catch(() => [])) {
		if (!name.endsWith(NOTE)) continue;
		const note = join(systemDirectory, name);
		const owner = await readFile(note, "utf8").catch(() => "");
		if (!owner.startsWith(temporary) || (await exists(owner))) continue;
		const home = note.slice(0, -NOTE.length);
		if ((await readPostmaster(home)).kind !== "free") continue;
		await rm(home, { recursive: true, force: true }).catch(() => undefined);
		await rm(note, { force: true }).catch(() => undefined);
	}
}

/** A link counts whatever it leads to. When in doubt it exists. */
async function exists(path: string): Promise<boolean> {
	return await lstat(path).then(
		() => true,
		(error: NodeJS.ErrnoException) => error.code !== "ENOENT",
	);
}
