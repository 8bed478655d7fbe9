import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { totalmem } from "node:os";
import { join } from "node:path";
import type { Place } from "./place.ts";

export type Postmaster = { readonly pid: number; readonly port: number };

/** free: nothing runs there. busy: starting, recovering or stopping. */
export type PostmasterState = { readonly kind: "free" | "busy" } | ({ readonly kind: "ready" } & Postmaster);

const LOG_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Runs the server and stops it when the last user of the pipe is gone, however it went: the kernel closes the pipe of a
 * process that was killed. Being the server's parent it always knows its process id. A server that is only just
 * starting does not hear the first signal, so it is repeated. Argument 1 is the pipe, the rest the server's command. It belongs to no terminal, so Ctrl-C reaches neither it nor the server.
 */
const KEEPER = `
trap '' HUP INT TERM
[ -p "$1" ] || mkfifo -m 600 "$1"
pipe=$1; shift
"$@" & server=$!
{ while read -r _; do :; done <"$pipe"; while kill -INT "$server" 2>/dev/null; do sleep 1; done; } & reader=$!
wait "$server"; code=$?
kill -KILL "$reader" 2>/dev/null
exit "$code"
`;

/** The server must keep what it acknowledges; the rest suits one small application on a machine it shares. */
const SETTINGS = {
	fsync: "on",
	full_page_writes: "on",
	synchronous_commit: "on",
	listen_addresses: "127.0.0.1",
	unix_socket_directories: "",
	max_connections: "100",
	// The first change of a page after a checkpoint is written as the whole page: thousands of active chats spread among a
	// million touch so many that checkpoints would follow each other. Only a busy server's log grows that long.
	max_wal_size: "4GB",
	checkpoint_timeout: "10min",
	random_page_cost: "1.1",
	jit: "off",
	timezone: "UTC",
	// queue tables turn over quickly
	autovacuum_naptime: "15s",
	autovacuum_vacuum_scale_factor: "0.05",
	log_checkpoints: "off",
	// no values of statements in the log
	log_min_messages: "warning",
	log_error_verbosity: "terse",
	log_min_error_statement: "panic",
} as const;

/** Of the memory there is; the operating system's cache has what is beyond. */
const BUFFERS_SHARE = 1 / 8;
const BUFFERS_MB_MIN = 128;
const BUFFERS_MB_MAX = 4_096;

/**
 * The server's own memory for pages: room for those of the people who are active, on a machine that has it; taken only as pages
 * are used. Ten thousand active among a million touch more than 1 GB of them. Pure.
 */
export function chooseBuffers(memoryBytes: number): string {
	const share = Math.trunc((memoryBytes * BUFFERS_SHARE) / 2 ** 20);
	return `${Math.min(BUFFERS_MB_MAX, Math.max(BUFFERS_MB_MIN, share))}MB`;
}

/** What a container may use, where that is less than the machine has. */
function findMemoryBytes(): number {
	const limit = process.constrainedMemory();
	return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** What postmaster.pid says, as far as it is true. */
export async function readPostmaster(home: string): Promise<PostmasterState> {
	const file = join(home, "data", "postmaster.pid");
	const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").map((line) => line.trim());
	const pid = Math.abs(Number(lines[0]));
	if (!Number.isSafeInteger(pid) || pid === 0) return { kind: lines.length > 1 ? "busy" : "free" };
	const command = await readCommand(pid);
	if (command === undefined) return { kind: "free" };
	if (!isServer(command)) {
		// The number was given to another program, often so after a restart of a container. The server would not start.
		await rm(file, { force: true });
		return { kind: "free" };
	}
	const port = Number(lines[3]);
	return lines[7] === "ready" && port > 0 ? { kind: "ready", pid, port } : { kind: "busy" };
}

/** By the program's own name: any program may have the word among its arguments. */
function isServer(command: string): boolean {
	const [program = ""] = command.split("\0");
	return /(?:^|\/)postgres(?:$|:)/.test(program);
}

/** The command line of a process, or undefined when there is none of that number. */
async function readCommand(pid: number): Promise<string | undefined> {
	try {
		process.kill(pid, 0);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ESRCH") return undefined;
	}
	if (process.platform !== "linux") return "postgres";
	return await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => undefined);
}

/** Starts a keeper with its server. The answer is under way to "ready"; it exits with the server. */
export async function launchPostmaster(
	place: Place,
	settings: Readonly<Record<string, string>> = {},
): Promise<ChildProcess> {
	const { home, binaries, runAs } = place;
	const data = join(home, "data");
	const port = settings["port"] ?? String(await findFreePort());
	const shared_buffers = chooseBuffers(findMemoryBytes());
	const flags = Object.entries({ ...SETTINGS, shared_buffers, ...settings, port });
	const log = await openLog(join(home, "log"));
	try {
		// for the day that user starts it without us
		if (runAs !== undefined) await log.chown(runAs.uid, runAs.gid);
		const child = spawn(
			"/bin/sh",
			[
				...[
					"-c",
					KEEPER,
					"rockpool-keeper",
					toPipe(home),
					join(binaries.directory, "bin", "postgres"),
					"-D",
					data,
				],
				...flags.flatMap(([name, value]) => ["-c", `${name}=${value}`]),
			],
			{
				cwd: "/",
				detached: true,
				stdio: ["ignore", log.fd, log.fd],
				// our own environment holds secrets that are none of its business
				env: { LC_ALL: "C", TZ: "UTC", PATH: "/usr/local/bin:/usr/bin:/bin" },
				...runAs,
			},
		);
		child.unref();
		return child;
	} finally {
		await log.close();
	}
}

export type Hold = {
	/** Whether a keeper listens: only then does the hold keep the server up. */
	isHeard(): boolean;
	close(): void;
};

/**
 * Counts this process among the users of the server until `close`, or until it dies. Stays good when one keeper follows
 * another, and must not be closed in between: a keeper takes the end of its last user for the end of its work.
 * Undefined while no keeper listens.
 */
export function holdPostmaster(home: string): Hold | undefined {
	const fd = attempt(() => openSync(toPipe(home), constants.O_WRONLY | constants.O_NONBLOCK));
	if (fd === undefined) return undefined;
	return {
		isHeard: () => attempt(() => writeSync(fd, "\n")) !== undefined,
		close: () => closeSync(fd),
	};
}

function attempt(work: () => number): number | undefined {
	try {
		return work();
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "ENXIO" || code === "ENOENT" || code === "EPIPE") return undefined;
		throw error;
	}
}

/** The last lines the server logged, for an error message. */
export async function readLogTail(home: string): Promise<string> {
	const text = await readFile(join(home, "log"), "utf8").catch(() => "");
	return text.slice(-2_000).trim();
}

function toPipe(home: string): string {
	return join(home, "users");
}

async function openLog(path: string) {
	const about = await stat(path).catch(() => undefined);
	if (about !== undefined && about.size > LOG_BYTES_MAX) await rename(path, `${path}.1`);
	return await open(path, "a", 0o600);
}

async function findFreePort(): Promise<number> {
	return await new Promise<number>((resolve, reject) => {
		const server = createServer();
		server.once("error", reject);
		server.listen({ host: "127.0.0.1", port: 0 }, () => {
			const address = server.address();
			server.close(() => {
				if (address === null || typeof address === "string")
					reject(new Error("no port is free on 127.0.0.1"));
				else resolve(address.port);
			});
		});
	});
}
