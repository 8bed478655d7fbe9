import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { pickReach } from "../../../core/instances/runtimes/process/npm-releases.ts";
import { pollUntil } from "../../../core/testing/poll-until.ts";

/** The program as somebody starts it who sits before it, with a pipe for a keyboard. */
export type Keyboard = {
	/** Types a line and waits for words it brings: all that was said since, and how long it took. */
	say(line: string, answer: RegExp, withinMs: number): Promise<Said>;
	/** Waits for words without a line. */
	reads(answer: RegExp, withinMs: number): Promise<Said>;
	/** Ends the chat as a closed window does. */
	leave(): Promise<number | null>;
};

export type Said = { readonly text: string; readonly ms: number };

const START = fileURLToPath(new URL("../../start.ts", import.meta.url));
const LEAVE_MS = 15_000;
const TOLD_LENGTH_MAX = 1_500;

export function openKeyboard(env: Readonly<Record<string, string>>): Keyboard {
	const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", START], {
		stdio: ["pipe", "pipe", "pipe"],
		env: { ...pickReach(process.env), ...env },
	});
	let said = "";
	let errors = "";
	child.stdin.on("error", () => undefined);
	child.stdout.setEncoding("utf8").on("data", (text: string) => {
		said += text;
	});
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		errors = (errors + text).slice(-TOLD_LENGTH_MAX);
	});

	async function read(from: number, answer: RegExp, withinMs: number): Promise<Said> {
		const startedMs = performance.now();
		await pollUntil(() => answer.test(said.slice(from)) || child.exitCode !== null, withinMs).catch(
			() => undefined,
		);
		const text = said.slice(from);
		if (answer.test(text)) return { text, ms: Math.round(performance.now() - startedMs) };
		throw new Error(`no ${answer} within ${withinMs} ms, but: ${text.slice(-TOLD_LENGTH_MAX)} ${errors}`);
	}

	return {
		async say(line, answer, withinMs) {
			const from = said.length;
			child.stdin.write(`${line}\n`);
			return await read(from, answer, withinMs);
		},
		reads: async (answer, withinMs) => await read(0, answer, withinMs),
		leave: async () => await leave(child),
	};
}

async function leave(child: ChildProcess): Promise<number | null> {
	child.stdin?.end();
	await pollUntil(() => child.exitCode !== null, LEAVE_MS).catch(() => child.kill("SIGKILL"));
	return child.exitCode;
}
