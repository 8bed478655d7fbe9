import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Knex } from "knex";

/** Which core the program under test has for itself, and where everything else runs. */
export type Cores = { readonly program: number; readonly rest: string };

const run = promisify(execFile);

/**
 * Moves this process, and with it all it will start, off one core. Undefined where that cannot be done (one core, no
 * taskset): everything then competes with everything, and only ratios of the same run mean something.
 */
export async function reserveCore(): Promise<Cores | undefined> {
	const allowed = await findAllowed();
	const [program, ...rest] = allowed;
	if (program === undefined || rest.length === 0) return undefined;
	try {
		await run("taskset", ["-a", "-c", "-p", rest.join(","), String(process.pid)]);
	} catch {
		return undefined;
	}
	return { program, rest: rest.join(",") };
}

/** Puts the whole list of cores back. */
export async function giveCoreBack({ program, rest }: Cores): Promise<void> {
	await run("taskset", ["-a", "-c", "-p", `${program},${rest}`, String(process.pid)]).catch(() => undefined);
}

/** Moves other processes and all that descend from them to the rest, too: servers that were started before. */
export async function keepOffCore({ rest }: Pick<Cores, "rest">, pids: readonly number[]): Promise<void> {
	for (const pid of pids) {
		await run("taskset", ["-a", "-c", "-p", rest, String(pid)]);
		await keepOffCore({ rest }, await findChildren(pid));
	}
}

/** Numbers of the cores this process may use; empty where the system does not tell. */
async function findAllowed(): Promise<readonly number[]> {
	const status = await readFile("/proc/self/status", "utf8").catch(() => "");
	const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? "";
	return list.split(",").flatMap((range) => {
		const [first = Number.NaN, last = first] = range.split("-").map(Number);
		return Number.isNaN(first) ? [] : Array.from({ length: last - first + 1 }, (_, at) => first + at);
	});
}

/** The server process behind a connection; undefined where it runs on another machine or the system does not tell. */
export async function findServerPid(db: Knex): Promise<number | undefined> {
	const { rows } = await db.raw<{ rows: { pid: number }[] }>("select pg_backend_pid() as pid");
	const stat = await readFile(`/proc/${rows[0]?.pid}/stat`, "utf8").catch(() => "");
	const parent = /^\d+ \(postgres\) \S (\d+) /.exec(stat)?.[1];
	return parent === undefined ? undefined : Number(parent);
}

/** Clock ticks a second of /proc/<pid>/stat; 100 on every Linux Node runs on. */
const TICKS_PER_SECOND = 100;

/** Milliseconds of processor time a process and all that descend from it have used so far; 0 where the system does not tell. */
export async function findCpuMs(pid: number): Promise<number> {
	const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
	// The name of the program may hold spaces; what follows it does not.
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	const [user = 0, system = 0, reapedUser = 0, reapedSystem = 0] = fields.slice(11, 15).map(Number);
	const nested = await Promise.all((await findChildren(pid)).map(findCpuMs));
	const own = ((user + system + reapedUser + reapedSystem) * 1_000) / TICKS_PER_SECOND;
	return nested.reduce((sum, ms) => sum + ms, own);
}

/**
 * Milliseconds of processor time everything on this machine has used so far, with what the host of a virtual machine took for
 * its other guests meanwhile; 0 where the system does not tell.
 */
export async function findMachineMs(): Promise<number> {
	const stat = await readFile("/proc/stat", "utf8").catch(() => "");
	// user, nice, system, idle, iowait, irq, softirq, steal
	const ticks = (/^cpu +([\d ]+)/.exec(stat)?.[1] ?? "").split(" ").map(Number);
	const [user = 0, nice = 0, system = 0] = ticks;
	return ((user + nice + system + (ticks[7] ?? 0)) * 1_000) / TICKS_PER_SECOND;
}

async function findChildren(pid: number): Promise<readonly number[]> {
	const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
	return children.split(" ").filter(Boolean).map(Number);
}
