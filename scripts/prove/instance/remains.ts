import { lstat, readdir } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listProcesses } from "../../../core/instances/runtimes/process/processes.ts";

/** What an instance has on this machine. */
export type Traces = { readonly uids: readonly number[]; readonly ports: readonly number[] };

/** What is left of it, in words; empty: nothing. `root`: where instances live. */
export async function findRemains(root: string, { uids, ports }: Traces): Promise<readonly string[]> {
	const remains: string[] = [];
	const own = new Set(uids);
	for (const { pid, uid } of await listProcesses()) if (own.has(uid)) remains.push(`process ${pid}`);
	for (const port of ports) if (await isOpen(port)) remains.push(`port ${port}`);
	for (const place of ["cells", "homes"]) {
		for (const name of await readdir(join(root, place)).catch(() => [])) remains.push(`${place}/${name}`);
	}
	for (const name of await readdir(tmpdir())) {
		const found = await lstat(join(tmpdir(), name)).catch(() => undefined);
		if (found !== undefined && own.has(found.uid)) remains.push(`scratch ${name}`);
	}
	return remains;
}

async function isOpen(port: number): Promise<boolean> {
	return await new Promise((resolve) => {
		const socket = connect({ port, host: "127.0.0.1" });
		const end = (answer: boolean) => () => {
			socket.destroy();
			resolve(answer);
		};
		socket.once("connect", end(true)).once("error", end(false));
	});
}
