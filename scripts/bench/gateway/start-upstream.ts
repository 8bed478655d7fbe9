import type { ChildProcess } from "node:child_process";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startChild } from "../pipeline/child.ts";
import { EVENTS, EVENTS_A_WRITE, PERIOD_MS, toUpstreamBytes } from "./answers.ts";

export type Upstream = {
	readonly kind: "c" | "node";
	readonly pid: number;
	readonly port: number;
	stop(): Promise<void>;
};

const run = promisify(execFile);
const PATH_ONLY = { PATH: process.env["PATH"] };
const SOURCE = fileURLToPath(new URL("./upstream.c", import.meta.url));

/** The vendor everybody asks: a C program where there is a compiler, else Node, which may then be the limit. */
export async function startUpstream(directory: string): Promise<Upstream> {
	const program = await compile(join(directory, "upstream"));
	return program === undefined ? await startInNode() : await startProgram(program, directory);
}

async function compile(program: string): Promise<string | undefined> {
	try {
		await run("cc", ["-O2", "-o", program, SOURCE], { env: PATH_ONLY });
		return program;
	} catch (error) {
		console.error(`no C upstream, so Node's own may be the limit: ${String(error).split("\n")[0]}`);
		return undefined;
	}
}

async function startInNode(): Promise<Upstream> {
	const child = startChild("../gateway/upstream");
	const { port } = await child.call<{ port: number }>("start");
	return { kind: "node", pid: child.pid, port, stop: async () => await child.stop() };
}

async function startProgram(program: string, directory: string): Promise<Upstream> {
	const { whole, streamHead, event, tail } = toUpstreamBytes();
	const files = await Promise.all(
		Object.entries({ whole, streamHead, event, tail }).map(async ([name, bytes]) => {
			const file = join(directory, `${name}.bin`);
			await writeFile(file, bytes);
			return file;
		}),
	);
	const figures = [EVENTS, EVENTS_A_WRITE, PERIOD_MS].map(String);
	const child = spawn(program, [...files, ...figures], {
		stdio: ["ignore", "pipe", "inherit"],
		env: PATH_ONLY,
	});
	const [line] = (await Promise.race([once(child.stdout, "data"), toEnd(child)])) as [Buffer];
	return {
		kind: "c",
		pid: child.pid ?? 0,
		port: Number(line.toString().trim()),
		async stop() {
			if (child.exitCode !== null || child.signalCode !== null) return;
			const exited = once(child, "exit");
			child.kill();
			await exited;
		},
	};
}

async function toEnd(child: ChildProcess): Promise<never> {
	const [code] = await once(child, "exit");
	throw new Error(`the upstream ended with ${code}`);
}
