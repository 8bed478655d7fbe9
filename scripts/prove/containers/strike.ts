import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { wishConfigured, wishDeleted, wishRunning, wishStopped } from "../../../core/db/instance-wishes.ts";
import { toCellName } from "../../../core/instances/cell.ts";
import { FIGURES } from "../../../core/instances/figures.ts";
import { readRows } from "../instances/history-rows.ts";
import type { House } from "./house.ts";
import { DEPLOY_MS } from "./house.ts";

/** What breaks, and what owners want meanwhile. */
export const STRIKES = [
	...(["kill", "confuse", "steal", "occupy", "fill", "empty"] as const),
	...(["stop", "run", "renew", "configure", "delete"] as const),
] as const;
export type Strike = (typeof STRIKES)[number];

/** What was done so far. */
export type Struck = {
	readonly counts: Map<Strike, number>;
	/** Ids of somebody else's containers, by name. */
	readonly strangers: Map<string, string>;
	readonly full: Set<string>;
};

const KEPT_MS = 1_000_000;

export function toStruck(): Struck {
	return { counts: new Map(), strangers: new Map(), full: new Set() };
}

/** Does it to one instance, as far as there is something to do it to. */
export async function strike(house: House, struck: Struck, kind: Strike, id: string, nowMs: number) {
	const isDone = await hit(house, struck, kind, id, nowMs);
	if (isDone) struck.counts.set(kind, (struck.counts.get(kind) ?? 0) + 1);
}

async function hit(house: House, struck: Struck, kind: Strike, id: string, nowMs: number): Promise<boolean> {
	const { db } = house;
	const target = { instanceId: id, nowMs };
	switch (kind) {
		case "stop":
			return await wishStopped(db, target);
		case "run":
			return await wishRunning(db, target, { deployMs: DEPLOY_MS });
		case "renew":
			return await wishRunning(db, target, { deployMs: DEPLOY_MS, isNew: true });
		case "configure":
			return await wishConfigured(db, target);
		case "delete":
			return await wishDeleted(db, target, { keptMs: KEPT_MS });
		case "fill":
			return await fill(house, struck, id, nowMs);
		case "empty":
			return await empty(house, struck, id);
		case "occupy":
			return await occupy(house, struck, id, nowMs);
		default:
			return await harm(house, kind, id);
	}
}

/** kill: SIGKILL from outside. confuse: it says that it cannot take its configuration. steal: taken away as it runs. */
async function harm({ podman }: House, kind: "kill" | "confuse" | "steal", id: string): Promise<boolean> {
	const cell = await findRunning(podman, id);
	if (cell === undefined) return false;
	const { name, pid } = cell;
	if (kind === "kill") return endProcess(pid);
	if (kind === "steal") return await succeeds(podman.run("rm", "--force", "--time", "0", name));
	const code = FIGURES.configExitCode;
	return await succeeds(podman.run("exec", name, "sh", "-c", `echo ${code} >/tmp/end`));
}

/** Somebody else has the next name it would take, and a process in it. */
async function occupy(house: House, { strangers }: Struck, id: string, nowMs: number): Promise<boolean> {
	const { db, host, podman } = house;
	const row = (await readRows(db, host)).find((one) => one.id === id);
	if (row === undefined || row.desired === "deleted") return false;
	const name = toCellName(id, row.generation + 1);
	const command = ["run", "--detach", "--network", "none", "--name", name, "stub:1", "18789", "/tmp"];
	if (strangers.has(name) || !(await succeeds(podman.run(...command)))) return false;
	strangers.set(name, (await podman.run("inspect", name, "--format", "{{.Id}}")).trim());
	return await wishRunning(db, { instanceId: id, nowMs }, { deployMs: DEPLOY_MS, isNew: true });
}

/** To the last byte, while its files are to be written anew. */
async function fill(house: House, { full }: Struck, id: string, nowMs: number): Promise<boolean> {
	const { db, small } = house;
	const directory = small.get(id);
	if (directory === undefined || full.has(id)) return false;
	full.add(id);
	await writeFile(join(directory, "filler"), Buffer.alloc(1024 * 1024)).catch(() => undefined);
	return await wishConfigured(db, { instanceId: id, nowMs });
}

export async function empty({ small }: House, { full }: Struck, id: string): Promise<boolean> {
	const directory = small.get(id);
	if (directory === undefined || !full.delete(id)) return false;
	await rm(join(directory, "filler"), { force: true });
	return true;
}

async function findRunning(
	podman: House["podman"],
	id: string,
): Promise<{ readonly name: string; readonly pid: number } | undefined> {
	const filters = [`label=rockpool.instance=${id}`, "label=rockpool.role=cell", "status=running"];
	const flags = filters.flatMap((filter) => ["--filter", filter]);
	const printed = await podman.run("ps", ...flags, "--format", "{{.Names}} {{.Pid}}");
	const [name, pid] = printed.trim().split(/\s+/);
	return name === undefined || pid === undefined || name === "" ? undefined : { name, pid: Number(pid) };
}

function endProcess(pid: number): boolean {
	try {
		return pid > 1 && process.kill(pid, "SIGKILL");
	} catch {
		return false;
	}
}

async function succeeds(work: Promise<unknown>): Promise<boolean> {
	return await work.then(
		() => true,
		() => false,
	);
}
