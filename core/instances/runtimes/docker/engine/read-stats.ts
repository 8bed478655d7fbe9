import { z } from "zod";

/** Source: Docker Engine API 1.41, "Get container stats based on resource usage", read 2026-12-01. Podman tells no `stats`. */
const statsSchema = z.object({
	cpu_stats: z.object({ cpu_usage: z.object({ total_usage: z.number() }) }),
	memory_stats: z.object({
		usage: z.number().optional(),
		stats: z.record(z.string(), z.number()).nullish(),
	}),
});

/** What a container has used of the processor since it began, and holds of memory now. */
export type Stats = { readonly cpuMs: number; readonly memoryBytes: number };

/**
 * Memory without what the kernel would give back by itself, the same way as Docker's own client, where the engine tells how much
 * that is. Undefined: the container does not run, to which Docker answers with zeros and Podman with nothing.
 */
export function readStats(answer: unknown): Stats | undefined {
	const parsed = statsSchema.safeParse(answer);
	if (!parsed.success) return undefined;
	const { cpu_stats, memory_stats } = parsed.data;
	const { usage = 0, stats } = memory_stats;
	// The first is of cgroups version 1, the second of version 2.
	const cache = stats?.["total_inactive_file"] ?? stats?.["inactive_file"] ?? 0;
	if (usage === 0) return undefined;
	return { cpuMs: cpu_stats.cpu_usage.total_usage / 1e6, memoryBytes: Math.max(0, usage - cache) };
}
