import { createHash, randomBytes } from "node:crypto";
import { chmod, link, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { NamedKey } from "./envelope.ts";

/** Key-encryption keys by id. `current` encrypts, all of them decrypt. */
export type KeyRing = { readonly current: NamedKey; readonly byId: ReadonlyMap<string, NamedKey> };

const KEY_BYTES = 32;
const EXTENSION = ".key";
/** Others may do nothing, the group may read at most (a mounted secret is often 0440). */
const MODE_REFUSED = 0o037;

/**
 * Reads the key-encryption keys at a path: a directory of `<id>.key` files of which the last by name is the current one, or
 * one file. Each file holds 32 bytes in base64.
 *
 * @throws Error when there is none, or one is not a key, or others may read it.
 */
export async function readKeyRing(path: string): Promise<KeyRing> {
	const files = await listKeyFiles(path);
	const keys: NamedKey[] = [];
	for (const file of files) keys.push(await readKey(file));
	const current = keys.at(-1);
	if (current === undefined) throw new Error(`there is no key-encryption key in ${path}`);
	return { current, byId: new Map(keys.map((key) => [key.id, key])) };
}

/**
 * Makes the directory and its first key when there is none. One of several processes that start at once makes it.
 *
 * @param isNeeded whether a key was there before: a new one could not open what the lost one closed, and would only hide the loss
 * @throws Error as readKeyRing, and when the key that is needed is gone
 */
export async function ensureKeyRing(
	path: string,
	isNeeded: () => Promise<boolean> = async () => false,
): Promise<KeyRing> {
	const files = await listKeyFiles(path);
	if (files.length === 0 && (await isNeeded())) {
		throw new Error(
			`there is no key-encryption key in ${path}, but the database holds secrets that need the one it had; bring it back from your backup, or name its place in KEK_FILE`,
		);
	}
	if (files.length === 0) await addKey(path, "k0001");
	return await readKeyRing(path);
}

/** Adds a key that becomes the current one as soon as a node reads the directory again. Answers its file's name. */
export async function addNextKey(directory: string): Promise<string> {
	const files = await listKeyFiles(directory);
	const last = Number(/(\d+)\.key$/.exec(files.at(-1) ?? "")?.[1] ?? 0);
	const name = `k${String(last + 1).padStart(4, "0")}`;
	await addKey(directory, name);
	return `${name}${EXTENSION}`;
}

/** Appears whole or not at all, and never replaces a key. */
async function addKey(directory: string, name: string): Promise<void> {
	await mkdir(directory, { recursive: true, mode: 0o700 });
	const draft = join(directory, `.${randomBytes(6).toString("hex")}`);
	await writeFile(draft, `${randomBytes(KEY_BYTES).toString("base64")}\n`, { mode: 0o400, flush: true });
	await chmod(draft, 0o400);
	try {
		await link(draft, join(directory, `${name}${EXTENSION}`));
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
	} finally {
		await rm(draft, { force: true });
	}
}

async function listKeyFiles(path: string): Promise<readonly string[]> {
	const about = await stat(path).catch((error: NodeJS.ErrnoException) => {
		if (error.code === "ENOENT") return undefined;
		throw error;
	});
	if (about === undefined) return [];
	if (!about.isDirectory()) return [path];
	const names = (await readdir(path)).filter((name) => name.endsWith(EXTENSION) && !name.startsWith("."));
	return names.sort().map((name) => join(path, name));
}

async function readKey(file: string): Promise<NamedKey> {
	const { mode } = await stat(file);
	if ((mode & MODE_REFUSED) !== 0) {
		throw new Error(`${file} holds a key-encryption key and may be read or written by others; chmod 0400 it`);
	}
	const text = (await readFile(file, "utf8")).trim();
	const bytes = Buffer.from(text, "base64");
	if (bytes.length !== KEY_BYTES || bytes.toString("base64") !== text) {
		throw new Error(`${file} is no key: it must hold 32 random bytes in base64 (openssl rand -base64 32)`);
	}
	// Two nodes that made a first key each have two keys, which must not go by one name.
	const print = createHash("sha256").update(bytes).digest("hex").slice(0, 6);
	const name = basename(file, EXTENSION)
		.replaceAll(/[^\w-]/g, "-")
		.slice(0, 30);
	return { id: `${name}-${print}`, bytes };
}
