import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ModuleEdit } from "../testing/module-mutant.ts";
import { toModuleMutant } from "../testing/module-mutant.ts";

export type Tool = {
	readonly child: ChildProcess;
	/** Its exit code and what it said on its error output. */
	readonly ended: Promise<{ readonly code: number; readonly said: string }>;
};

/** Starts a program of scripts/ as an operator does, broken by the edits if there are any. Standard output is the caller's to read. */
export function startTool(
	script: string,
	flags: readonly string[],
	env: Readonly<Record<string, string>>,
	edits: readonly ModuleEdit[],
): Tool {
	const mutant = toModuleMutant(edits);
	const path = fileURLToPath(new URL(`../../${script}`, import.meta.url));
	const child = spawn(process.execPath, [...mutant.flags, path, ...flags], {
		env: { PATH: process.env["PATH"], ...env, ...mutant.env },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let said = "";
	child.stderr.on("data", (text: Buffer) => {
		said += text.toString();
	});
	const ended = once(child, "close").then(([code]) => ({ code: Number(code ?? 1), said }));
	return { child, ended };
}

/** Runs it to its end and answers all it said. */
export async function runTool(
	...args: Parameters<typeof startTool>
): Promise<{ readonly code: number; readonly said: string; readonly output: string }> {
	const { child, ended } = startTool(...args);
	let output = "";
	child.stdout?.on("data", (text: Buffer) => {
		output += text.toString();
	});
	return { ...(await ended), output };
}
