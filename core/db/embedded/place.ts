import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import {
	chmod,
	lstat,
	mkdir,
	readFile,
	readlink,
	realpath,
	rename,
	rm,
	symlink,
	writeFile,
} from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Binaries } from "./binaries.ts";
import type { RunAs } from "./run-as.ts";
import { canEnter, canRun, findRunAs } from "./run-as.ts";

/** Where things go that the server's user cannot reach inside the project (root in a 0700 directory). */
export const SYSTEM_DIRECTORY = "/var/lib/rockpool";

export type Place = {
	/** Holds data/, password and log, and belongs to the server's user. May not exist yet. */
	readonly home: string;
	readonly binaries: Binaries;
	readonly runAs: RunAs;
};

const run = promisify(execFile);
/** What finds a program of the system; nothing of ours is its business. */
const PATH_ONLY = { PATH: process.env["PATH"] };

/**
 * Decides where the cluster lives, which binaries run it and as whom. Normally the cluster is `dataDir` itself. Where we are
 * root and the server's user cannot get there, `dataDir` becomes a link to a directory it can reach (docs/decisions/002).
 *
 * @throws Error when `dataDir` is a link that came here with a copy of another project.
 */
export async function findPlace(dataDir: string, found: Binaries, systemDirectory: string): Promise<Place> {
	const parent = dirname(resolve(dataDir));
	await mkdir(parent, { recursive: true });
	const path = join(await realpath(parent), basename(dataDir));
	const target = await followLink(path);
	const runAs = await findRunAs(target ?? path);
	if (target !== undefined) {
		await mkdir(dirname(target), { recursive: true });
		await claim(target, path);
	}
	if (runAs === undefined) return { home: target ?? path, binaries: found, runAs };
	const binaries = (await canRun(found, runAs)) ? found : await copyBinaries(found, systemDirectory);
	if (target !== undefined) return { home: target, binaries, runAs };
	if (await canEnter(dirname(path), runAs)) return { home: path, binaries, runAs };
	if ((await lstat(path).catch(() => undefined)) !== undefined) {
		throw new Error(
			`${path} holds a database, but its owner can no longer enter ${dirname(path)}; allow that (chmod o+x)`,
		);
	}
	const home = join(systemDirectory, createHash("sha256").update(path).digest("hex").slice(0, 16));
	await makePublicDirectory(systemDirectory);
	await claim(home, path);
	await symlink(home, path).catch(async (error: unknown) => {
		// another process was faster
		if ((await followLink(path)) !== home) throw error;
	});
	return { home, binaries, runAs };
}

async function followLink(path: string): Promise<string | undefined> {
	const target = await readlink(path).catch(() => undefined);
	return target === undefined ? undefined : resolve(dirname(path), target);
}

/**
 * A link is copied along with a project, and then two projects would write to one database. So a home notes whose it is.
 * A project that was moved takes its home along; one that was copied is refused.
 */
async function claim(home: string, path: string): Promise<void> {
	const note = `${home}.owner`;
	const owner = await readFile(note, "utf8").catch(() => undefined);
	if (owner === path) return;
	if (owner !== undefined && (await followLink(owner)) === home) {
		throw new Error(
			`${path} leads to the database of ${owner}; remove the link ${path} to start with an empty one`,
		);
	}
	await writeFile(note, path, { mode: 0o600 });
}

/** One copy serves every project; it is complete when it has its name. */
async function copyBinaries(found: Binaries, systemDirectory: string): Promise<Binaries> {
	const directory = join(systemDirectory, `postgresql-${found.version}`);
	if ((await lstat(directory).catch(() => undefined)) !== undefined) return { ...found, directory };
	await makePublicDirectory(systemDirectory);
	const draft = `${directory}.${randomUUID()}`;
	try {
		await run("cp", ["-R", found.directory, draft], { env: PATH_ONLY });
		// the project may have been installed under a strict umask
		await run("chmod", ["-R", "u+rwX,go+rX,go-w", draft], { env: PATH_ONLY });
		await rename(draft, directory).catch(async (error: unknown) => {
			// another process was faster
			if ((await lstat(directory).catch(() => undefined)) === undefined) throw error;
		});
	} finally {
		await rm(draft, { recursive: true, force: true });
	}
	return { ...found, directory };
}

/** Whatever the umask: others may enter. */
async function makePublicDirectory(directory: string): Promise<void> {
	await mkdir(directory, { recursive: true });
	await chmod(directory, 0o755);
}
