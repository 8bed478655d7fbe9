import { lstat, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OwnUser } from "./own-user.ts";

/**
 * Takes away what an instance's user left where everybody's scratch lies. Only where that user is the instance's alone, and
 * nothing of it runs any more.
 */
export async function sweepScratch(user: OwnUser, directory = tmpdir()): Promise<void> {
	if (user === undefined) return;
	for (const name of await readdir(directory)) {
		const path = join(directory, name);
		const found = await lstat(path).catch(() => undefined);
		if (found?.uid === user.uid) await rm(path, { recursive: true, force: true });
	}
}
