import type { ChildProcess } from "node:child_process";
import { sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { findBinaries } from "./embedded/binaries.ts";
import { APPLICATION, ensureCluster, readPassword } from "./embedded/cluster.ts";
import { dropAbandoned } from "./embedded/drop-abandoned.ts";
import type { Place } from "./embedded/place.ts";
import { findPlace, SYSTEM_DIRECTORY } from "./embedded/place.ts";
import type { Hold, Postmaster } from "./embedded/postmaster.ts";
import { holdPostmaster, launchPostmaster, readLogTail, readPostmaster } from "./embedded/postmaster.ts";

export type EmbeddedPostgres = {
	/** Of the application's database, whose owner (no superuser) it names. Holds the password. */
	readonly url: string;
	/** Of the server process. */
	readonly pid: number;
	/** Gives the server up. It shuts down when no other process uses it, and this waits for that, 8 s at most. Never throws. */
	stop(): Promise<void>;
};

export type EmbeddedPostgresOptions = {
	/** Such as .data/postgres. Made when absent. */
	readonly dataDir: string;
	/** Server settings over ours. For tests: the product asserts on start that its server is durable. */
	readonly settings?: Readonly<Record<string, string>>;
	/** Where things go that the server's user cannot reach; see docs/decisions/002. */
	readonly systemDirectory?: string;
	/** A server that was killed recovers first, which takes its time. */
	readonly readyTimeoutMs?: number;
};

const READY_TIMEOUT_MS = 120_000;
const LAUNCHES_MAX = 5;
const POLL_MS = 20;
const RELAUNCH_AFTER_MS = 200;
const STILL_IN_USE = "is still in use";
/** A server is ready a moment before its keeper listens; after this long it has none. */
const ORPHAN_AFTER_MS = 2_000;
/** A keeper needs milliseconds to pass the word on; after that it is sure that somebody else uses the server. */
const LEAVE_TIMEOUT_MS = 1_000;
const STOP_TIMEOUT_MS = 8_000;

/**
 * The database of somebody who has none: a PostgreSQL of our own on 127.0.0.1, with a random password, that keeps its data
 * between starts. Several processes may start it at once or one after the other; they share one server. It outlives none of
 * them: it shuts down with its last user, killed ones included. One that was killed itself recovers here.
 *
 * @throws Error when it does not become ready, with the end of its log.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
	const systemDirectory = options.systemDirectory ?? SYSTEM_DIRECTORY;
	const place = await findPlace(options.dataDir, await findBinaries(), systemDirectory);
	if (place.home.startsWith(`${systemDirectory}${sep}`)) await dropAbandoned(systemDirectory);
	await ensureCluster(place);
	const deadline = performance.now() + (options.readyTimeoutMs ?? READY_TIMEOUT_MS);
	const password = await readPassword(place.home);
	const { hold, server } = await join(place, options.settings ?? {}, password, deadline);
	let stopping: Promise<void> | undefined;
	return {
		url: toUrl(server.port, password),
		pid: server.pid,
		stop: async () => {
			stopping ??= leave(place.home, hold, server.pid);
			await stopping;
		},
	};
}

/** Uses the server that runs, else launches one, until one is ready and counts us among its users. */
async function join(
	place: Place,
	settings: Readonly<Record<string, string>>,
	password: string,
	deadline: number,
): Promise<{ hold: Hold; server: Postmaster }> {
	const launcher = createLauncher(place, settings);
	let hold: Hold | undefined;
	while (performance.now() < deadline && !launcher.hasFailed()) {
		// A keeper that has no user yet waits for its first one, so this comes before the server is ready.
		hold ??= holdPostmaster(place.home);
		const state = await readPostmaster(place.home);
		const isHeard = hold?.isHeard() ?? false;
		if (state.kind === "ready" && !isHeard) launcher.noticeOrphan(state.pid);
		else if (state.kind === "ready" && hold !== undefined && (await answers(state.port, password))) {
			return { hold, server: state };
		} else if (state.kind === "free") await launcher.launch();
		await sleep(POLL_MS);
	}
	hold?.close();
	throw new Error(
		`the embedded PostgreSQL in ${place.home} does not start:\n${await readLogTail(place.home)}`,
	);
}

/** Launches servers, counts how often one ended before it was ready, and ends one that nobody looks after. */
function createLauncher(place: Place, settings: Readonly<Record<string, string>>) {
	let child: ChildProcess | undefined;
	let failures = 0;
	let orphanSince: number | undefined;
	return {
		hasFailed: () => failures >= LAUNCHES_MAX,
		async launch(): Promise<void> {
			// under way, and has not written its first word
			if (child !== undefined && !hasEnded(child)) return;
			if (child !== undefined) {
				// the last servants of a killed server hold its memory until they notice
				if (!(await readLogTail(place.home)).includes(STILL_IN_USE)) failures += 1;
				if (failures >= LAUNCHES_MAX) return;
				await sleep(RELAUNCH_AFTER_MS);
			}
			child = await launchPostmaster(place, settings);
			child.on("error", () => undefined);
		},
		/** Its keeper was killed, so nothing else would ever stop it. */
		noticeOrphan(pid: number): void {
			orphanSince ??= performance.now();
			if (performance.now() - orphanSince > ORPHAN_AFTER_MS) interrupt(pid);
		},
	};
}

/** Asks a server for a fast shutdown. */
function interrupt(pid: number): void {
	try {
		process.kill(pid, "SIGINT");
	} catch {
		// gone by itself
	}
}

function hasEnded(child: ChildProcess): boolean {
	return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** Also tells our server from another one that got its port. */
async function answers(port: number, password: string): Promise<boolean> {
	const client = new pg.Client({ connectionString: toUrl(port, password), connectionTimeoutMillis: 2_000 });
	client.on("error", () => undefined);
	try {
		await client.connect();
		return true;
	} catch {
		return false;
	} finally {
		await client.end().catch(() => undefined);
	}
}

async function leave(home: string, hold: Hold, pid: number): Promise<void> {
	hold.close();
	const startedAt = performance.now();
	for (;;) {
		const state = await readPostmaster(home).catch(() => ({ kind: "free" }) as const);
		const waitedMs = performance.now() - startedAt;
		if (state.kind === "free" || waitedMs > STOP_TIMEOUT_MS) return;
		if (state.kind === "ready" && (state.pid !== pid || waitedMs > LEAVE_TIMEOUT_MS)) return;
		await sleep(POLL_MS);
	}
}

function toUrl(port: number, password: string): string {
	return `postgres://${APPLICATION}:${password}@127.0.0.1:${port}/${APPLICATION}`;
}
