import type { Knex } from "knex";
import { median, round } from "../pipeline/figures.ts";
import type { AckUse, AckWorld } from "./ack-world.ts";
import type { CrowdCheck } from "./crowd.ts";
import type { DriveRequest, DriveResult } from "./driver.ts";
import { toSchedule } from "./schedule.ts";

export type AckRate = {
	readonly rate: number;
	readonly runs: readonly DriveResult[];
	readonly medianP50Ms: number;
	readonly medianP99Ms: number;
	/** Processor time one update took, acknowledged and answered. */
	readonly cpuMicros: { readonly nodes: number; readonly server: number; readonly others: number };
	/** Cores that programs which are no part of this kept busy meanwhile: what they take is missing here. */
	readonly foreignCores: number;
};

const GREETING_RATE = 80;
const WARM_UP_SECONDS = 5;
const SETTLE_MS = 60_000;

/** Everybody says hello, so that accounts and lanes exist: newcomers are not what is measured. */
export async function greetAll(world: AckWorld, chats: number): Promise<void> {
	const atMs = Array.from({ length: chats }, (_, at) => (at * 1_000) / GREETING_RATE);
	await drive(world, atMs);
}

/** A warm-up, then the runs; each begins when everything before it is answered. */
export async function measureRate(
	world: AckWorld,
	{ rate, runs, seconds }: { readonly rate: number; readonly runs: number; readonly seconds: number },
): Promise<AckRate> {
	await drive(world, toSchedule({ rate, seconds: WARM_UP_SECONDS, seed: rate }));
	const results: DriveResult[] = [];
	const before = await world.used();
	const startedAt = performance.now();
	for (let at = 1; at <= runs; at += 1) {
		const result = await drive(world, toSchedule({ rate, seconds, seed: rate + at }));
		console.error(
			`${rate} a second, run ${at}: p50 ${result.p50Ms} ms, p99 ${result.p99Ms} ms, max ${result.maxMs} ms`,
		);
		results.push(result);
	}
	const elapsedMs = performance.now() - startedAt;
	const use = subtract(await world.used(), before);
	const updates = results.reduce((all, { acknowledged }) => all + acknowledged, 0);
	const micros = (ms: number): number => round((ms * 1_000) / updates);
	return {
		rate,
		runs: results,
		medianP50Ms: median(results.map(({ p50Ms }) => p50Ms)),
		medianP99Ms: median(results.map(({ p99Ms }) => p99Ms)),
		cpuMicros: { nodes: micros(use.nodes), server: micros(use.server), others: micros(use.others) },
		foreignCores: round((use.machine - use.nodes - use.server - use.others) / elapsedMs, 2),
	};
}

function subtract(after: AckUse, before: AckUse): AckUse {
	return {
		nodes: after.nodes - before.nodes,
		server: after.server - before.server,
		others: after.others - before.others,
		machine: after.machine - before.machine,
	};
}

async function drive(world: AckWorld, atMs: readonly number[]): Promise<DriveResult> {
	const bodies = await world.crowd.call<readonly string[]>("ask", { count: atMs.length });
	const request: DriveRequest = { targets: world.targets, bodies, atMs };
	const result = await world.driver.call<DriveResult>("drive", request);
	if (result.refused > 0)
		throw new Error(`${result.refused} of ${atMs.length} updates were not acknowledged`);
	await world.settle(SETTLE_MS);
	return result;
}

/** @throws Error when an update was not answered exactly once, or the ledger disagrees */
export async function assertAllAnswered({ crowd, db }: AckWorld): Promise<CrowdCheck> {
	const checked = await crowd.call<CrowdCheck>("check");
	const books = await readBooks(db);
	const { asked } = checked;
	const isRight =
		checked.answeredOnce === asked &&
		checked.orphans === 0 &&
		books.done === asked &&
		books.undone === 0 &&
		books.charged === asked &&
		books.pending === 0 &&
		books.violations === 0;
	if (!isRight) {
		throw new Error(
			`not every update was answered and charged once: ${JSON.stringify({ ...checked, ...books })}`,
		);
	}
	return checked;
}

type Books = Readonly<Record<"violations" | "done" | "undone" | "charged" | "pending", number>>;

async function readBooks(db: Knex): Promise<Books> {
	const { rows } = await db.raw<{ rows: Books[] }>(
		`select (select count(*) from violations)::integer as violations,
			(select count(*) from inbox where status = 'done')::integer as done,
			(select count(*) from inbox where status <> 'done')::integer as undone,
			(select count(*) from usage_log where outcome = 'complete' and charged_micro > 0)::integer as charged,
			(select count(*) from ledger_reservations where state = 'pending')::integer as pending`,
	);
	const [row] = rows;
	if (row === undefined) throw new Error("no row of books");
	return row;
}
