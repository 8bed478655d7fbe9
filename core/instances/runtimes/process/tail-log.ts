import { open } from "node:fs/promises";
import { LOG_BYTES_MAX } from "../../runtime.ts";

/** A log that is longer is cut to its last part. */
const KEPT_BYTES_MAX = 8 * 1024 * 1024;

/** The last lines of a file, at most so many and so much; a line that begins before is left out. */
export async function tailLog(path: string, linesMax: number): Promise<readonly string[]> {
	const file = await open(path, "r").catch(() => undefined);
	if (file === undefined) return [];
	try {
		const { size } = await file.stat();
		const from = Math.max(0, size - LOG_BYTES_MAX);
		const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, LOG_BYTES_MAX)), {
			position: from,
		});
		const lines = buffer.toString("utf8", 0, bytesRead).split("\n");
		if (from > 0) lines.shift();
		if (lines.at(-1) === "") lines.pop();
		return lines.slice(-linesMax);
	} finally {
		await file.close();
	}
}

/** Keeps a program that writes without end from filling the disk: what it writes next begins where the file does. */
export async function cutLog(path: string): Promise<void> {
	const file = await open(path, "r+").catch(() => undefined);
	if (file === undefined) return;
	try {
		const { size } = await file.stat();
		if (size > KEPT_BYTES_MAX) await file.truncate(0);
	} finally {
		await file.close();
	}
}
