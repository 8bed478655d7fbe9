import { writeFileSync } from "node:fs";

/**
 * Preloaded into a node under test (--expose-gc --import): on SIGUSR2 it collects garbage and writes what is left to
 * PROVE_MEMORY_FILE.
 */
const file = process.env["PROVE_MEMORY_FILE"] ?? "";
const ROUNDS = 3;

process.on("SIGUSR2", () => {
	for (let round = 0; round < ROUNDS; round += 1) globalThis.gc?.();
	const { heapUsed, external, rss } = process.memoryUsage();
	writeFileSync(file, JSON.stringify({ heapUsed, external, rss }));
});
