import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pollUntil } from "../../../core/testing/poll-until.ts";
import type { AppNode } from "./start-app-node.ts";

/** Bytes a node holds after its garbage was collected. */
export type Memory = { readonly heapUsed: number; readonly external: number; readonly rss: number };

export type MemoryProbe = {
	readonly flags: readonly string[];
	readonly env: Readonly<Record<string, string>>;
	/** @throws Error when the node is gone or frozen */
	read(node: Pick<AppNode, "pid">): Promise<Memory>;
};

const PRELOADED = fileURLToPath(new URL("./report-memory.ts", import.meta.url));

/** Start a node with its flags and environment to be able to ask it later. */
export function createMemoryProbe(directory: string, name = "memory"): MemoryProbe {
	const file = join(directory, `${name}.json`);
	return {
		flags: ["--expose-gc", `--import=${PRELOADED}`],
		env: { PROVE_MEMORY_FILE: file },
		async read({ pid }) {
			await rm(file, { force: true });
			process.kill(pid, "SIGUSR2");
			let memory: Memory | undefined;
			await pollUntil(async () => {
				memory = parse(await readFile(file, "utf8").catch(() => ""));
				return memory !== undefined;
			});
			if (memory === undefined) throw new Error("a node does not tell its memory");
			return memory;
		},
	};
}

/** Undefined while it is half written. */
function parse(text: string): Memory | undefined {
	try {
		return JSON.parse(text) as Memory;
	} catch {
		return undefined;
	}
}
