import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Reply } from "../../core/pipeline/message.ts";

const NAME_LENGTH_MAX = 100;

/**
 * Writes an attachment where only the user can read it: a terminal is no place for a file of hundreds of lines.
 * @returns its path; undefined when it could not be written
 */
export async function saveFile(
	folder: string,
	{ filename, text }: NonNullable<Reply["attachment"]>,
): Promise<string | undefined> {
	const name = filename
		.replace(/[^\w.-]/g, "_")
		.replace(/^\.+/, "_")
		.slice(0, NAME_LENGTH_MAX);
	const path = join(folder, name === "" ? "_" : name);
	try {
		await mkdir(folder, { recursive: true, mode: 0o700 });
		await writeFile(path, text, { mode: 0o600 });
		// A file that was there keeps its mode.
		await chmod(path, 0o600);
		return path;
	} catch {
		return undefined;
	}
}
