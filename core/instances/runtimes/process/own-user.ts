import { chown, lstat, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Places } from "./places.ts";

/** As whom a cell runs; undefined: as we do. */
export type OwnUser = { readonly uid: number; readonly gid: number } | undefined;

/** Numbers that no distribution gives to anybody. Source: systemd, "Users, Groups, UIDs and GIDs", read 2026-12-01. */
const FIRST_UID = 1_879_200_000;

/**
 * Makes the instance's home where it is not, and says who its cells run as: as root a user of the instance's own, whom the home
 * remembers, so that agents cannot read each other's files nor ours. Otherwise everybody is us.
 *
 * @throws Error where its place is taken by something that is no directory
 */
export async function openHome(places: Places, instanceId: string): Promise<OwnUser> {
	const home = places.home(instanceId);
	await mkdir(places.homes, { recursive: true, mode: 0o711 });
	await mkdir(home, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
		if (error.code !== "EEXIST") throw error;
	});
	const { uid } = await requireDirectory(home);
	if (process.getuid?.() !== 0) return undefined;
	if (uid >= FIRST_UID) return { uid, gid: uid };
	const own = await takeFree(places, instanceId);
	await chown(home, own, own);
	return { uid: own, gid: own };
}

/** As whom an instance's cells ran, without making anything; undefined also where it has no home. */
export async function findOwnUser(places: Places, instanceId: string): Promise<OwnUser> {
	const found = await lstat(places.home(instanceId)).catch(() => undefined);
	return found !== undefined && found.uid >= FIRST_UID ? { uid: found.uid, gid: found.uid } : undefined;
}

async function requireDirectory(path: string): Promise<{ readonly uid: number }> {
	const found = await lstat(path);
	if (!found.isDirectory()) throw new Error(`${path} is no directory`);
	return found;
}

/** Whoever makes the file has the number; it stays taken, so that what one left behind is never another's. */
async function takeFree({ users }: Places, instanceId: string): Promise<number> {
	await mkdir(users, { recursive: true, mode: 0o700 });
	const taken = (await readdir(users)).map(Number).filter(Number.isSafeInteger);
	for (let uid = taken.reduce((last, one) => Math.max(last, one), FIRST_UID - 1) + 1; ; uid += 1) {
		try {
			await writeFile(join(users, String(uid)), instanceId, { flag: "wx" });
			return uid;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
		}
	}
}
