import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A node of the whole program in a process of its own, which can be killed at any moment. */
export type AppNode = {
	readonly pid: number;
	/** Its code is there: from now on it boots at once. Never rejects; a node that is gone loads nothing more. */
	readonly loaded: Promise<void>;
	/** Where it listens, once it does; rejects when it ends before. */
	readonly ready: Promise<{ readonly url: string; readonly port: number }>;
	/** How it ended: an exit code, or the signal that ended it. */
	readonly ended: Promise<number | string>;
	isAlive(): boolean;
	/** The end of what it wrote to its error output. */
	errors(): string;
	/** Lets a spare boot. */
	begin(): void;
	/** SIGKILL; resolves once it is gone. */
	kill(): Promise<void>;
	/** SIGSTOP. */
	freeze(): void;
	/** SIGCONT. */
	thaw(): void;
	/** As a deployment ends it (SIGTERM); killed when it takes longer than 12 s. */
	stop(): Promise<void>;
};

export type AppNodeOptions = {
	/** Its environment: the names of core/config.ts and CRASH_AT. Nothing of ours is handed down but the path. */
	readonly env: Readonly<Record<string, string>>;
	/** Loads its code and waits for `begin`. */
	readonly isSpare?: boolean;
	/** Of Node itself, such as --expose-gc or --import=FILE. */
	readonly flags?: readonly string[];
};

const PROGRAM = fileURLToPath(new URL("./app-node.ts", import.meta.url));
const STOP_MS = 12_000;
const ERRORS_LENGTH_MAX = 4_000;

export function startAppNode({ env, isSpare = false, flags = [] }: AppNodeOptions): AppNode {
	const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...flags, PROGRAM], {
		stdio: ["pipe", "pipe", "pipe"],
		env: { NODE_ENV: "test", PORT: "0", INSTANCES: "off", PATH: process.env["PATH"] ?? "", ...env },
	});
	child.on("error", () => undefined);
	child.stdin.on("error", () => undefined);
	let errors = "";
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		errors = (errors + text).slice(-ERRORS_LENGTH_MAX);
	});
	const ended = toEnd(child);
	const { loaded, ready } = readLines(child, ended, () => errors);
	const begin = (): void => void child.stdin.write("begin\n");
	if (!isSpare) begin();
	const isAlive = (): boolean => child.exitCode === null && child.signalCode === null;
	return {
		pid: child.pid ?? 0,
		loaded,
		ready,
		ended,
		isAlive,
		errors: () => errors,
		begin,
		async kill() {
			child.kill("SIGKILL");
			await ended;
		},
		freeze: () => void child.kill("SIGSTOP"),
		thaw: () => void child.kill("SIGCONT"),
		async stop() {
			if (!isAlive()) return;
			child.kill("SIGTERM");
			const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
			await ended;
			clearTimeout(timer);
		},
	};
}

async function toEnd(child: ChildProcess): Promise<number | string> {
	return await new Promise((resolve) => {
		child.once("exit", (code, signal) => resolve(code ?? signal ?? "gone"));
		child.once("error", () => resolve("not started"));
	});
}

type Line = { readonly loaded?: true; readonly url?: string; readonly port?: number };

function readLines(
	child: ChildProcess,
	ended: Promise<number | string>,
	errors: () => string,
): Pick<AppNode, "loaded" | "ready"> {
	const loaded = Promise.withResolvers<void>();
	const ready = Promise.withResolvers<{ readonly url: string; readonly port: number }>();
	// Whoever kills a node that boots does not wait for it.
	ready.promise.catch(() => undefined);
	if (child.stdout === null) throw new Error("a node without an output");
	createInterface({ input: child.stdout }).on("line", (text) => {
		const { url, port } = JSON.parse(text) as Line;
		loaded.resolve();
		if (url !== undefined && port !== undefined) ready.resolve({ url, port });
	});
	void ended.then((how) => {
		loaded.resolve();
		ready.reject(new Error(`a node ended with ${how} before it was ready: ${errors()}`));
	});
	return { loaded: loaded.promise, ready: ready.promise };
}
