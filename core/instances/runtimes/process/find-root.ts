import { createHash } from "node:crypto";
import { lstat, mkdir, readFile, readlink, realpath, rm, stat, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

const OWNER = "owner";

/**
 * Where instances live: `path` itself, or a link there to a place their users can reach, where root keeps us in a directory
 * nobody else may enter. A place belongs to one such link: who copied a project gets one of his own.
 */
export async function findRoot(path: string, systemDirectory: string): Promise<string> {
	const parent = dirname(resolve(path));
	await mkdir(parent, { recursive: true });
	const own = join(await realpath(parent), basename(path));
	const target = await followLink(own);
	if (target !== undefined && (await isOurs(target, own))) return await open(target, own);
	if (target === undefined && (process.getuid?.() !== 0 || (await canOthersEnter(dirname(own))))) {
		return await open(own, own);
	}
	const hash = createHash("sha256").update(own).digest("hex").slice(0, 16);
	const home = join(systemDirectory, `instances-${hash}`);
	await mkdir(systemDirectory, { recursive: true, mode: 0o755 });
	await rm(own, { force: true });
	await symlink(home, own).catch(async (error: unknown) => {
		// Another node was faster.
		if ((await followLink(own)) !== home) throw error;
	});
	return await open(home, own);
}

async function open(home: string, own: string): Promise<string> {
	await mkdir(home, { recursive: true, mode: 0o711 });
	await writeFile(join(home, OWNER), own);
	return home;
}

async function followLink(path: string): Promise<string | undefined> {
	const target = await readlink(path).catch(() => undefined);
	return target === undefined ? undefined : resolve(dirname(path), target);
}

/** Whose it was may have moved; then it moved along. */
async function isOurs(home: string, own: string): Promise<boolean> {
	const owner = await readFile(join(home, OWNER), "utf8").catch(() => undefined);
	return owner === undefined || owner === own || (await followLink(owner)) !== home;
}

/** True where everybody may pass through all directories down to this one. */
async function canOthersEnter(path: string): Promise<boolean> {
	for (let here = path; ; here = dirname(here)) {
		const { mode } = await stat(here);
		if ((mode & 0o001) === 0) return false;
		if (dirname(here) === here) return (await lstat(path)).isDirectory();
	}
}
