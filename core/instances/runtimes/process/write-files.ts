import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { lchown, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { toPathParts } from "../../cell-path.ts";
import type { CellFile } from "../../runtime.ts";
import type { OwnUser } from "./own-user.ts";

/**
 * Writes files below a home that belongs to an agent, each whole or not at all. The agent may put links in our way: no
 * directory on the way is followed where it is one, and a link at its end is replaced, not written through.
 *
 * @throws TypeError for a path that leads elsewhere; Error where something on the way is no directory
 */
export async function writeBelow(home: string, files: readonly CellFile[], user: OwnUser): Promise<void> {
	for (const { path, content } of files) {
		const parts = [...toPathParts(path)];
		const name = parts.pop() ?? "";
		await withDirectory(home, parts, user, async (directory) => {
			// Made under a name nobody can foresee, so that it cannot be there already.
			const draft = join(directory, `.${randomUUID()}`);
			try {
				await writeDraft(draft, content, user);
				await rename(draft, join(directory, name));
			} catch (error) {
				await rm(draft, { force: true });
				throw error;
			}
		});
	}
}

async function writeDraft(path: string, content: string, user: OwnUser): Promise<void> {
	const file = await open(path, "wx", 0o600);
	try {
		await file.writeFile(content);
		if (user !== undefined) await file.chown(user.uid, user.gid);
	} finally {
		await file.close();
	}
}

/** Holds each directory on the way open and goes on from there: what is put in its place meanwhile is not ours. */
async function withDirectory(
	home: string,
	parts: readonly string[],
	user: OwnUser,
	work: (directory: string) => Promise<void>,
): Promise<void> {
	const handle = await openDirectory(home);
	// Linux alone lets an open directory be named; elsewhere agents run as we do, and need no link to reach what is ours.
	const here = process.platform === "linux" ? `/proc/self/fd/${handle.fd}` : home;
	try {
		const [next, ...rest] = parts;
		if (next === undefined) return await work(here);
		await mkdir(join(here, next), { mode: 0o700 }).then(
			async () => (user === undefined ? undefined : await lchown(join(here, next), user.uid, user.gid)),
			(error: NodeJS.ErrnoException) => {
				if (error.code !== "EEXIST") throw error;
			},
		);
		await withDirectory(join(here, next), rest, user, work);
	} finally {
		await handle.close();
	}
}

async function openDirectory(path: string) {
	return await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}
