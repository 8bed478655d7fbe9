import { randomBytes } from "node:crypto";
import { link, mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { BackupError } from "./backup-error.ts";

const NAME = /^rockpool-\d{8}T\d{6}Z\.backup$/;
/** What a backup that was killed leaves behind. */
const DRAFT = /^\.rockpool-\d{8}T\d{6}Z\.backup\.[0-9a-f]{12}$/;
/** A younger draft may be one that is being written. */
const DRAFT_AGE_MS = 2 * 86_400_000;

/** Such as rockpool-20261120T182300Z.backup: by name is by age. */
export function toBackupName(at: Date): string {
	return `rockpool-${at.toISOString().replaceAll(/[-:]|\.\d+/g, "")}.backup`;
}

/** Where a backup goes: into a directory under a name of its own, or to the file that was named. */
export async function toBackupPath(out: string, at: Date): Promise<string> {
	const about = await stat(out).catch(() => undefined);
	return out.endsWith("/") || about?.isDirectory() === true ? join(out, toBackupName(at)) : out;
}

/**
 * Appears whole and on the disk under its name, or not at all; nobody else may read it, and a file that is there is never replaced.
 *
 * @throws BackupError when there is one already
 */
export async function writeNewFile<Result>(
	path: string,
	write: (sink: (bytes: AsyncIterable<Buffer>) => Promise<void>) => Promise<Result>,
): Promise<Result> {
	const directory = dirname(path);
	await mkdir(directory, { recursive: true, mode: 0o700 });
	if ((await stat(path).catch(() => undefined)) !== undefined) throw alreadyThere(path);
	const draft = join(directory, `.${basename(path)}.${randomBytes(6).toString("hex")}`);
	const file = await open(draft, "wx", 0o600);
	try {
		const result = await write(async (bytes) => {
			for await (const part of bytes) await file.writeFile(part);
			await file.sync();
		});
		await link(draft, path).catch((error: NodeJS.ErrnoException) => {
			throw error.code === "EEXIST" ? alreadyThere(path) : error;
		});
		await syncDirectory(directory);
		return result;
	} finally {
		await file.close();
		await rm(draft, { force: true });
	}
}

/**
 * Removes all but the newest backups of a directory, and what killed ones left there days ago. Answers their names. Files of other
 * names are never touched.
 */
export async function keepNewest(
	directory: string,
	count: number,
	now = new Date(),
): Promise<readonly string[]> {
	const all = await readdir(directory);
	const names = all.filter((name) => NAME.test(name)).sort();
	const old = names.slice(0, Math.max(0, names.length - Math.max(1, count)));
	for (const name of all.filter((one) => DRAFT.test(one))) {
		const { mtimeMs } = await stat(join(directory, name));
		if (now.getTime() - mtimeMs > DRAFT_AGE_MS) old.push(name);
	}
	for (const name of old) await rm(join(directory, name));
	return old;
}

async function syncDirectory(path: string): Promise<void> {
	const directory = await open(path);
	try {
		await directory.sync();
	} finally {
		await directory.close();
	}
}

function alreadyThere(path: string): BackupError {
	return new BackupError(`${path} exists, and a backup replaces no file`);
}
