import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Lines kept, and UTF-16 units of each. */
export const HISTORY_LINES_MAX = 500;
const HISTORY_LINE_LENGTH_MAX = 2_000;
const FLUSH_MS = 1_000;

/** Lines that hold what must not lie on the disk: codes and keys. */
const SECRET = /^\s*\/(bind|start|key|delete)\b/i;

/** The lines typed before, newest first, as readline wants them. A file that cannot be read is an empty history. */
export async function loadHistory(path: string): Promise<string[]> {
	try {
		const lines = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
		return lines.slice(-HISTORY_LINES_MAX).reverse();
	} catch {
		return [];
	}
}

export type HistorySaver = {
	/** Keeps the newest state; writes are never more than one at a time. */
	save(newestFirst: readonly string[]): void;
	/** Resolves when everything is on the disk, or cannot get there, at the latest after a second. */
	flush(): Promise<void>;
};

/** The file is the user's alone (mode 0600) and is replaced as a whole, so that a crash leaves the old one. */
export function createHistorySaver(path: string): HistorySaver {
	let next: readonly string[] | undefined;
	let running: Promise<void> | undefined;

	async function run(): Promise<void> {
		while (next !== undefined) {
			const lines = next;
			next = undefined;
			await writeHistory(path, lines).catch(() => {
				// A history that cannot be kept is no reason to disturb a chat.
			});
		}
		running = undefined;
	}

	return {
		save(newestFirst) {
			next = newestFirst;
			running ??= run();
		},
		async flush() {
			await Promise.race([running, sleep(FLUSH_MS, undefined, { ref: false })]);
		},
	};
}

async function writeHistory(path: string, newestFirst: readonly string[]): Promise<void> {
	const lines = newestFirst
		.filter((line) => line !== "" && !line.includes("\n") && !SECRET.test(line))
		.slice(0, HISTORY_LINES_MAX)
		.map((line) => line.slice(0, HISTORY_LINE_LENGTH_MAX))
		.reverse();
	await mkdir(dirname(path), { recursive: true });
	const temporary = `${path}.${process.pid}.tmp`;
	await writeFile(temporary, lines.map((line) => `${line}\n`).join(""), { mode: 0o600 });
	await rename(temporary, path);
}
