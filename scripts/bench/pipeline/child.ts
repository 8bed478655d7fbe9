import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { cleanEnvironment } from "../../../core/config/clean-environment.ts";
import type { Answer, Request } from "./serve.ts";

/** A program of the bench in a process of its own, called by name. */
export type Child = {
	readonly pid: number;
	/** @throws Error with what the program threw, or when it ends before it answered. */
	call<Result>(method: string, argument?: unknown): Promise<Result>;
	/** Asks it to end, and kills it when it does not. */
	stop(): Promise<void>;
};

export type ChildOptions = {
	/** The one core it may use; undefined: any. */
	readonly core?: number | undefined;
	/** Flags of Node, such as --cpu-prof. */
	readonly nodeFlags?: readonly string[];
};

const STOP_MS = 10_000;

/** Starts scripts/bench/pipeline/<name>.ts. Its output goes to ours as errors: the last line of standard output is the result. */
export function startChild(name: string, { core, nodeFlags = [] }: ChildOptions = {}): Child {
	const program = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
	const command = [process.execPath, ...nodeFlags, program];
	const pinned = core === undefined ? command : ["taskset", "-c", String(core), ...command];
	const env = cleanEnvironment(process.env);
	const child = spawn(pinned[0] ?? "", pinned.slice(1), { stdio: ["ignore", 2, 2, "ipc"], env });
	const calls = createCalls(name, child);
	return {
		pid: child.pid ?? 0,
		call: async <Result>(method: string, argument?: unknown) => (await calls(method, argument)) as Result,
		async stop() {
			if (child.exitCode !== null || child.signalCode !== null) return;
			const exited = once(child, "exit");
			const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
			if (child.connected) child.disconnect();
			await exited;
			clearTimeout(timer);
		},
	};
}

function createCalls(
	name: string,
	child: ChildProcess,
): (method: string, argument: unknown) => Promise<unknown> {
	type Waiting = { resolve(result: unknown): void; reject(error: Error): void };
	const waiting = new Map<number, Waiting>();
	let calls = 0;
	child.on("message", (answer: Answer) => {
		const call = waiting.get(answer.call);
		waiting.delete(answer.call);
		if ("error" in answer) call?.reject(new Error(`${name}: ${answer.error}`));
		else call?.resolve(answer.result);
	});
	const end = (error: Error): void => {
		for (const { reject } of waiting.values()) reject(error);
		waiting.clear();
	};
	child.on("error", end);
	child.on("exit", (code, signal) => end(new Error(`${name} ended with ${code ?? signal}`)));
	return async (method, argument) =>
		await new Promise((resolve, reject) => {
			calls += 1;
			const request: Request = { call: calls, method, argument };
			waiting.set(calls, { resolve, reject });
			child.send(request, (error) => {
				if (error !== null) reject(new Error(`${name} cannot be called`, { cause: error }));
			});
		});
}
