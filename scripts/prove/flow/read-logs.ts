import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const LENGTH_MAX = 200;

/** How often the nodes logged what, with the first cause of each. */
export async function countLogLines(directory: string): Promise<Readonly<Record<string, number>>> {
	const counts: Record<string, number> = {};
	for (const name of await readdir(directory)) {
		if (!name.startsWith("node-")) continue;
		for (const line of (await readFile(join(directory, name), "utf8")).split("\n")) {
			const key = toKey(line);
			if (key !== undefined) counts[key] = (counts[key] ?? 0) + 1;
		}
	}
	return counts;
}

type LoggedError = { readonly message: string; readonly cause?: LoggedError };

/** The innermost cause: what is round it says only where. */
function toReason(err: unknown): string | undefined {
	const error = err as LoggedError | undefined;
	return error?.cause === undefined ? error?.message : toReason(error.cause);
}

function toKey(line: string): string | undefined {
	try {
		const { level, msg, err, cause, why } = JSON.parse(line) as Record<string, unknown>;
		return `${level}: ${msg} ${toReason(err) ?? cause ?? why ?? ""}`.trim().slice(0, LENGTH_MAX);
	} catch {
		return undefined;
	}
}
