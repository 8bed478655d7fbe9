import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What the place where instances live is called: made once, and the same for every node that has the place. */
export async function readHostName(root: string): Promise<string> {
	const path = join(root, "host");
	await writeFile(path, `host-${randomUUID()}`, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
		if (error.code !== "EEXIST") throw error;
	});
	return (await readFile(path, "utf8")).trim();
}
