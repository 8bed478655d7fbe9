import { spawn } from "node:child_process";
import { once } from "node:events";

export type ChildOptions = {
	/** All it gets: nothing of our own environment is handed down. */
	readonly env: Readonly<Record<string, string>>;
	readonly cwd: string;
	readonly boundMs: number;
};

export type ChildResult = {
	/** An exit code, the signal that ended it, or "late". */
	readonly ended: number | string;
	readonly stdout: string;
	/** Both outputs. */
	readonly said: string;
	readonly ms: number;
};

export type Child = {
	readonly result: Promise<ChildResult>;
	said(): string;
	isAlive(): boolean;
	/** SIGTERM, then SIGKILL, to it and to what it started. */
	stop(): Promise<void>;
};

const STOP_MS = 5_000;

/** Starts a program with a closed input in a group of its own, so that nothing of it stays. */
export function startChild(
	command: string,
	args: readonly string[],
	{ env, cwd, boundMs }: ChildOptions,
): Child {
	const startMs = performance.now();
	const child = spawn(command, args, { env, cwd, detached: true, stdio: ["ignore", "pipe", "pipe"] });
	let stdout = "";
	let said = "";
	let isLate = false;
	child.stdout.setEncoding("utf8").on("data", (text: string) => {
		stdout += text;
		said += text;
	});
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		said += text;
	});
	const kill = (signal: NodeJS.Signals): void => {
		if (child.pid === undefined) return;
		try {
			process.kill(-child.pid, signal);
		} catch {
			// The whole group is gone.
		}
	};
	const timer = setTimeout(() => {
		isLate = true;
		kill("SIGKILL");
	}, boundMs);
	const result = once(child, "close").then(
		([code, signal]: unknown[]) => ({
			ended: isLate ? "late" : ((code ?? signal ?? "gone") as number | string),
		}),
		(error: unknown) => ({ ended: String(error) }),
	);
	const finished = result.then(({ ended }) => {
		clearTimeout(timer);
		return { ended, stdout, said, ms: Math.round(performance.now() - startMs) };
	});
	return {
		result: finished,
		said: () => said,
		isAlive: () => child.exitCode === null && child.signalCode === null && child.pid !== undefined,
		async stop() {
			kill("SIGTERM");
			const late = setTimeout(() => kill("SIGKILL"), STOP_MS);
			await finished;
			clearTimeout(late);
			kill("SIGKILL");
		},
	};
}
