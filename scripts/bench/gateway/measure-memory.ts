import { readFile } from "node:fs/promises";
import { round } from "../pipeline/figures.ts";
import type { Answered } from "./books.ts";
import type { LoadResult } from "./load.ts";
import { toRequest } from "./measure-load.ts";
import type { OwnMemory } from "./own-target.ts";
import type { GatewayWorld, VariantName } from "./world.ts";

/** kB a live stream costs. */
export type StreamMemory = {
	/** By the process as the system sees it, garbage included. */
	readonly residentKb: number;
	/** What remains when garbage is collected; of ours only. */
	readonly liveKb: number | undefined;
};

const SPREAD_MS = 1_500;
/** Every stream has begun; where one is over the next has taken its place. */
const LOOK_AT_MS = 2_500;
const MS = 3_500;

/** So many streams of 50 events a second at the same time. */
export async function measureMemory(
	world: GatewayWorld,
	name: VariantName,
	connections: number,
	answered: Answered,
): Promise<StreamMemory | undefined> {
	const variant = world.variants.get(name);
	if (variant === undefined) return undefined;
	const look = async () => ({
		live: name === "ours" ? (await world.ours.call<OwnMemory>("memory")).liveBytes : undefined,
		resident: await findResidentBytes(variant.pid),
	});
	const before = await look();
	const load = {
		...{ variants: [name], connections, ms: MS, spreadMs: SPREAD_MS },
		question: { dialect: "openai", size: "small", isStream: true, isPaced: true },
	} as const;
	const running = world.load.call<LoadResult>("run", toRequest(load, variant));
	await new Promise((resolve) => setTimeout(resolve, LOOK_AT_MS));
	const during = await look();
	const result = await running;
	if (name === "ours") {
		answered.stream += result.answeredInAll;
		if (result.failed > 0) throw new Error(`${result.failed} of ${connections} streams broke`);
	}
	const toKb = (bytes: number): number => round(bytes / 1_024 / connections, 1);
	return {
		residentKb: toKb(during.resident - before.resident),
		liveKb:
			before.live === undefined || during.live === undefined ? undefined : toKb(during.live - before.live),
	};
}

async function findResidentBytes(pid: number): Promise<number> {
	const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
	return Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1] ?? 0) * 1_024;
}
