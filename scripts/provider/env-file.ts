import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { lstat, open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { WizardError } from "./wizard-error.ts";

/** A file as it was read. Text is one character a byte, so that whatever is in it can be written back unchanged. */
export type TextFile = {
	/** Where it really is. */
	readonly path: string;
	/** undefined: there is none yet. */
	readonly text: string | undefined;
	readonly about: Stats | undefined;
};

/** Others may never read a file with keys; what the group may is the operator's to say. */
const MODE_MAX = 0o660;
const MODE_NEW = 0o600;

/**
 * Reads a file of a folder. A link is followed inside of the folder only.
 *
 * @throws WizardError when it leads elsewhere, is no plain file, or may not be read
 */
export async function readTextFile(folder: string, name: string): Promise<TextFile> {
	const home = await realpath(folder);
	const path = join(home, name);
	const link = await lstat(path).catch(() => undefined);
	if (link === undefined) return { path, text: undefined, about: undefined };
	const real = await realpath(path).catch(() => undefined);
	if (real === undefined || !real.startsWith(home === sep ? sep : home + sep)) {
		throw new WizardError(
			`${path} is a link that leads out of its folder or nowhere; it is left alone. Put a plain file there`,
		);
	}
	try {
		const about = await stat(real);
		if (!about.isFile()) throw new WizardError(`${path} is no plain file; it is left alone`);
		return { path: real, text: await readFile(real, "latin1"), about };
	} catch (error) {
		if (error instanceof WizardError) throw error;
		throw new WizardError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
	}
}

/**
 * Replaces a file as a whole: a reader sees the old one or the new one, after a crash too. A new one is for its owner alone;
 * one that is there keeps owner and mode, except what others may do.
 *
 * @throws WizardError when the folder cannot be written to
 */
export async function writeTextFile(
	{ path, about }: TextFile,
	text: string,
	modeNew: number = MODE_NEW,
): Promise<void> {
	const draft = join(dirname(path), `${basename(path)}.${randomBytes(6).toString("hex")}.new`);
	const mode = about === undefined ? modeNew : about.mode & (modeNew === MODE_NEW ? MODE_MAX : 0o777);
	try {
		const file = await open(draft, "wx", mode);
		try {
			await file.writeFile(text, "latin1");
			// The umask has its say at open only; what the file had before counts more.
			await file.chmod(mode);
			if (about !== undefined && process.getuid?.() === 0) await file.chown(about.uid, about.gid);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(draft, path);
		await syncFolder(dirname(path));
	} catch (error) {
		await rm(draft, { force: true }).catch(() => undefined);
		throw new WizardError(
			`${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? "unknown"}); nothing was changed`,
		);
	}
}

async function syncFolder(path: string): Promise<void> {
	const folder = await open(path, "r");
	try {
		await folder.sync();
	} finally {
		await folder.close();
	}
}

const GIT_IGNORE_MODE = 0o644;
/** Any of these lines keeps git from .env. */
const IGNORED = new Set([".env", "/.env", ".env*", "/.env*", "*.env", "**/.env"]);

/** Makes sure that git never takes .env along. Answers whether something had to be added. */
export async function ensureIgnored(folder: string): Promise<boolean> {
	const file = await readTextFile(folder, ".gitignore");
	const text = file.text ?? "";
	const rules = text.split(/\r?\n/).map((line) => line.trim());
	const last = rules.findLast((rule) => IGNORED.has(rule.replace(/^!/, "")));
	if (last !== undefined && !last.startsWith("!")) return false;
	const newline = text.includes("\r\n") ? "\r\n" : "\n";
	const gap = text === "" || text.endsWith("\n") ? "" : newline;
	await writeTextFile(file, `${text}${gap}.env${newline}`, GIT_IGNORE_MODE);
	return true;
}
