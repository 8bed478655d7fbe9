import { randomBytes } from "node:crypto";
import { createDb } from "../../../core/db/connect.ts";
import type { Child } from "./child.ts";
import { startChild } from "./child.ts";
import type { Cores } from "./cores.ts";
import { findCpuMs, findServerPid } from "./cores.ts";
import { median, round } from "./figures.ts";
import type { LoadRequest, LoadResult } from "./load.ts";
import { CHAT_ID_DIGITS, UPDATE_ID_DIGITS } from "./update-request.ts";

export type AcceptOptions = {
	readonly databaseUrl: string;
	readonly cores: Cores | undefined;
	readonly rounds: number;
	readonly seconds: number;
	readonly connections: number;
	/** Flags of Node for our program. */
	readonly nodeFlags: readonly string[];
};

type Variant = { readonly child: Child; readonly port: number; readonly results: Measured[] };
type Measured = LoadResult & {
	readonly cpuMs: number;
	readonly loadCpuMs: number;
	readonly serverCpuMs: number;
};

const BOT_ID = "7000000001";
const WARM_UP_SECONDS = 1.5;
/** Enough that no chat's queue fills while nobody works on them. */
const CHATS = 50_000;
const FIRST_CHAT_ID = 7 * 10 ** (CHAT_ID_DIGITS - 1);

/**
 * Posts a second that are acknowledged: by us after COMMIT, by the bare bot after it answered from memory. The variants take
 * turns on the same core, each round begins with the other one, and each round has its own ratio.
 */
export async function measureAccept(options: AcceptOptions): Promise<Record<string, unknown>> {
	const { databaseUrl, cores, rounds, seconds, nodeFlags } = options;
	const hook = {
		path: `/telegram/${randomBytes(16).toString("hex")}`,
		secret: randomBytes(32).toString("base64url"),
	};
	const load = startChild("load");
	const targets = {
		ours: startChild("accept-target", { core: cores?.program, nodeFlags }),
		baseline: startChild("baseline-target", { core: cores?.program }),
	};
	let nextUpdateId = firstUpdateId();
	let serverPid: number | undefined;
	async function measureOne({ child, port }: Variant, forSeconds: number): Promise<Measured> {
		const request: LoadRequest = {
			...hook,
			port,
			connections: options.connections,
			ms: forSeconds * 1_000,
			firstUpdateId: nextUpdateId,
			firstChatId: FIRST_CHAT_ID,
			chats: CHATS,
		};
		const used = async () => await Promise.all([child.pid, load.pid, serverPid ?? 0].map(findCpuMs));
		const before = await used();
		const result = await load.call<LoadResult>("run", request);
		const [cpuMs = 0, loadCpuMs = 0, serverCpuMs = 0] = (await used()).map(
			(ms, at) => ms - (before[at] ?? 0),
		);
		nextUpdateId += result.acknowledgedInAll + result.failed;
		if (result.failed > 0) throw new Error(`${result.failed} posts were not acknowledged`);
		return { ...result, cpuMs, loadCpuMs, serverCpuMs };
	}

	try {
		serverPid = await seedLanes(databaseUrl);
		const [oursAt, baselineAt] = await Promise.all([
			targets.ours.call<{ port: number }>("start", { databaseUrl, botId: BOT_ID, ...hook }),
			targets.baseline.call<{ port: number }>("start", hook),
		]);
		const ours: Variant = { child: targets.ours, port: oursAt.port, results: [] };
		const baseline: Variant = { child: targets.baseline, port: baselineAt.port, results: [] };
		let stored = 0;
		for (const variant of [baseline, ours]) {
			const { acknowledgedInAll } = await measureOne(variant, WARM_UP_SECONDS);
			if (variant === ours) stored += acknowledgedInAll;
		}
		for (let at = 0; at < rounds; at += 1) {
			for (const variant of at % 2 === 0 ? [ours, baseline] : [baseline, ours]) {
				variant.results.push(await measureOne(variant, seconds));
			}
			stored += ours.results.at(-1)?.acknowledgedInAll ?? 0;
		}
		await assertStored(databaseUrl, stored);
		return toFigures(ours.results, baseline.results);
	} finally {
		await Promise.all([load.stop(), targets.ours.stop(), targets.baseline.stop()]);
	}
}

function toFigures(ours: readonly Measured[], baseline: readonly Measured[]): Record<string, unknown> {
	const ratios = ours.map((result, at) => perSecond(result) / perSecond(baseline[at]));
	return {
		acceptRatio: round(median(ratios), 3),
		acceptedPerSecond: round(median(ours.map(perSecond))),
		baselinePerSecond: round(median(baseline.map(perSecond))),
		acceptP50Ms: round(median(ours.map(({ p50Ms }) => p50Ms)), 2),
		acceptP99Ms: round(median(ours.map(({ p99Ms }) => p99Ms)), 2),
		baselineP50Ms: round(median(baseline.map(({ p50Ms }) => p50Ms)), 2),
		baselineP99Ms: round(median(baseline.map(({ p99Ms }) => p99Ms)), 2),
		acceptCpuMicros: micros(ours, ({ cpuMs }) => cpuMs),
		acceptServerCpuMicros: micros(ours, ({ serverCpuMs }) => serverCpuMs),
		acceptLoadCpuMicros: micros(ours, ({ loadCpuMs }) => loadCpuMs),
		baselineCpuMicros: micros(baseline, ({ cpuMs }) => cpuMs),
		ratios: ratios.map((ratio) => round(ratio, 3)),
	};
}

function perSecond(result: Measured | undefined): number {
	return result === undefined ? Number.NaN : result.acknowledged / (result.elapsedMs / 1_000);
}

/** Processor time one post took of one of the programs. */
function micros(results: readonly Measured[], cpuMs: (result: Measured) => number): number {
	return round(median(results.map((result) => (cpuMs(result) * 1_000) / result.acknowledgedInAll)), 1);
}

/** Microseconds since 1970, far less than one post each: never used before. */
function firstUpdateId(): number {
	const id = Date.now() * 1_000;
	if (String(id).length !== UPDATE_ID_DIGITS) throw new Error("the clock is wrong");
	return id;
}

/** People who wrote before: their lanes exist. Answers the server's process. */
async function seedLanes(databaseUrl: string): Promise<number | undefined> {
	const db = createDb(databaseUrl, { poolMax: 2 });
	try {
		await db.raw(
			"insert into lanes (lane, has_work) select 'telegram:' || ?::text || ':' || (?::bigint + i), false from generate_series(0, ?::integer - 1) i",
			[BOT_ID, FIRST_CHAT_ID, CHATS],
		);
		await db.raw("vacuum analyze lanes");
		return await findServerPid(db);
	} finally {
		await db.destroy();
	}
}

/** Every acknowledged post is a row that waits to be worked on, none of them refused, once each. */
async function assertStored(databaseUrl: string, acknowledged: number): Promise<void> {
	const db = createDb(databaseUrl, { poolMax: 2 });
	try {
		const { rows } = await db.raw<{ rows: { ready: string; all: string }[] }>(
			`select count(*) filter (where status = 'ready') as ready, count(*) as "all" from inbox`,
		);
		const [row] = rows;
		if (Number(row?.ready) !== acknowledged || row?.ready !== row?.all) {
			throw new Error(`${acknowledged} posts were acknowledged, ${row?.ready} of ${row?.all} rows are ready`);
		}
	} finally {
		await db.destroy();
	}
}
