import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cell } from "../../../core/instances/cell.ts";
import { toNames } from "../../../core/instances/runtimes/docker/names.ts";
import type { HistoryRow } from "../instances/history-rows.ts";
import { isSettled, readRows } from "../instances/history-rows.ts";
import type { House } from "./house.ts";
import type { Struck } from "./strike.ts";

/** What is left of everything, once all should be as it is wanted. */
export type Verdict = {
	readonly unsettled: readonly string[];
	/** Containers, volumes and networks of ours that belong to nothing. */
	readonly orphans: readonly string[];
	/** Somebody else's that are not as they were. */
	readonly touched: readonly string[];
	/** Files that are not the last ones that were wanted, or homes that forgot an earlier life. */
	readonly lost: readonly string[];
};

/** As `podman ps` prints it. */
type PodmanContainer = {
	readonly Names: readonly string[];
	readonly State: string;
	readonly Labels: Readonly<Record<string, string>>;
};
type Listed = { readonly name: string; readonly isHand: boolean; readonly cell: Cell };

/** Rows that are not what is wanted of them. */
export async function findOpen(house: House): Promise<readonly HistoryRow[]> {
	const cells = (await listOurs(house)).map(({ cell }) => cell);
	return (await readRows(house.db, house.host)).filter((row) => !isSettled(row, cells));
}

/** Whether something still works on files, or was left by a node that died while it did. */
export async function hasHands(house: House): Promise<boolean> {
	return (await listOurs(house)).some(({ isHand }) => isHand);
}

export async function judgeHouse(house: House, { strangers }: Struck): Promise<Verdict> {
	const { podman } = house;
	const rows = await readRows(house.db, house.host);
	const listed = await listOurs(house);
	const cells = listed.map(({ cell }) => cell);
	const kept = new Set(rows.filter(({ phase }) => phase !== "purged").map(({ id }) => id));
	const rowless = cells.filter(({ instanceId }) => !kept.has(instanceId ?? ""));
	const left = [
		...(await podman.run("volume", "ls", "--quiet")).trim().split("\n"),
		...(await podman.run("network", "ls", "--format", "{{.Name}}")).trim().split("\n"),
	].filter((name) => name.startsWith("oc-") && !kept.has(name.slice("oc-".length)));
	const touched: string[] = [];
	for (const [name, id] of strangers) {
		const state = await podman
			.run("inspect", id, "--format", "{{.Name}} {{.State.Status}}")
			.catch(() => "gone");
		if (state.trim() !== `${name} running`) touched.push(`${name}: ${state.trim()}`);
	}
	return {
		unsettled: rows
			.filter((row) => !isSettled(row, cells))
			.map((row) => JSON.stringify([row, ...cells.filter(({ instanceId }) => instanceId === row.id)])),
		orphans: [
			...listed.filter(({ isHand }) => isHand).map(({ name }) => name),
			...rowless.map(({ name }) => name),
			...left,
		],
		touched,
		lost: await findLost(house, rows),
	};
}

async function findLost(
	{ db, podman, host }: House,
	rows: readonly HistoryRow[],
): Promise<readonly string[]> {
	const versions = new Map<string, string>(
		(await db("instances").where({ host }).select("id", "config_version")).map((row) => [
			row.id,
			row.config_version,
		]),
	);
	const lost: string[] = [];
	for (const { id } of rows.filter(({ desired }) => desired === "running")) {
		const at = await podman.run(
			"volume",
			"inspect",
			toNames("proof").volume(id),
			"--format",
			"{{.Mountpoint}}",
		);
		const read = async (path: string): Promise<string> =>
			await readFile(join(at.trim(), "home", path), "utf8").catch(() => "");
		const config = await read("config/agent.json");
		if (config !== `version ${versions.get(id)}\n`) lost.push(`${id}: ${config.trim()}`);
		// One line for each start of its life.
		if ((await read("lives")) === "") lost.push(`${id}: no life before`);
	}
	return lost;
}

/** Not by the runtime that is proved. */
async function listOurs({ podman }: House): Promise<readonly Listed[]> {
	const filter = ["--filter", "label=rockpool.installation"];
	const printed = await podman.run("ps", "--all", ...filter, "--format", "json");
	return (JSON.parse(printed) as readonly PodmanContainer[]).map(({ Names: [name = ""], State, Labels }) => {
		const cell: Cell = {
			name,
			instanceId: Labels["rockpool.instance"],
			generation: Number(Labels["rockpool.generation"]),
			state: State === "running" || State === "created" ? State : "exited",
		};
		return { name, isHand: Labels["rockpool.role"] === "hand", cell };
	});
}
