import { execFile } from "node:child_process";
import { readdir, readFile, stat } from "node:fs/promises";
import { promisify } from "node:util";

/** One process of this machine. */
export type RunningProcess = {
	readonly pid: number;
	readonly group: number;
	readonly uid: number;
	/** Tells it from a later one of the same number. */
	readonly startedAt: string;
	readonly memoryBytes: number;
	/** Of the processor, so far. */
	readonly cpuMs: number;
};

const PAGE_BYTES = 4_096;
/** Linux counts in hundredths of a second for whoever reads /proc, whatever its own clock. Source: proc(5). */
const TICK_MS = 10;

/** All processes of this machine but those that have ended and are only waited for. */
export async function listProcesses(): Promise<readonly RunningProcess[]> {
	if (process.platform !== "linux") return await listByPs();
	const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
	const found = await Promise.all(names.map(async (name) => await readProcess(name)));
	return found.filter((one) => one !== undefined);
}

/** Undefined: it is gone. */
async function readProcess(pid: string): Promise<RunningProcess | undefined> {
	try {
		const [text, { uid }] = await Promise.all([readFile(`/proc/${pid}/stat`, "utf8"), stat(`/proc/${pid}`)]);
		// The name before may hold anything, brackets too. Fields are counted from the third one, as proc(5) does.
		const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
		const field = (number: number): number => Number(fields[number - 3]);
		if (fields[0] === "Z" || fields[0] === "X") return undefined;
		return {
			...{ pid: Number(pid), group: field(5), uid, startedAt: fields[22 - 3] ?? "" },
			...{ memoryBytes: field(24) * PAGE_BYTES, cpuMs: (field(14) + field(15)) * TICK_MS },
		};
	} catch {
		return undefined;
	}
}

const PS = ["-A", "-o", "pid=,pgid=,uid=,rss=,time=,stat=,lstart="];
const PS_LINE = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(.+?)\s*$/;

async function listByPs(): Promise<readonly RunningProcess[]> {
	const { stdout } = await promisify(execFile)("ps", PS, { env: { PATH: process.env["PATH"], LC_ALL: "C" } });
	return stdout.split("\n").flatMap((line) => {
		const [, pid, group, uid, kilobytes, time = "", state = "", startedAt = ""] = PS_LINE.exec(line) ?? [];
		if (pid === undefined || state.startsWith("Z")) return [];
		const one = { pid: Number(pid), group: Number(group), uid: Number(uid), startedAt };
		return [{ ...one, memoryBytes: Number(kilobytes) * 1_024, cpuMs: toMs(time) }];
	});
}

/** [[hours:]minutes:]seconds. */
function toMs(time: string): number {
	return time.split(":").reduce((seconds, part) => seconds * 60 + Number(part), 0) * 1_000;
}

/** Numbers of processes that were given this text as an argument of its own. */
export async function findByArgument(text: string): Promise<readonly number[]> {
	if (process.platform !== "linux") {
		const { stdout } = await promisify(execFile)("ps", ["-A", "-ww", "-o", "pid=,args="], {
			env: { PATH: process.env["PATH"], LC_ALL: "C" },
		});
		const lines = stdout.split("\n").filter((line) => line.split(" ").includes(text));
		return lines.map((line) => Number.parseInt(line, 10));
	}
	const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
	const found = await Promise.all(
		names.map(async (name) => {
			const line = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
			return line.split("\0").includes(text) ? [Number(name)] : [];
		}),
	);
	return found.flat();
}
