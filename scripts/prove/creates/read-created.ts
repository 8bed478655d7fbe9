import { readlink } from "node:fs/promises";
import { listProcesses } from "../../../core/instances/runtimes/process/processes.ts";
import type { FlowWorld } from "../flow/flow-world.ts";

const ANSWER = /^claw: /;

/** What is not as it must be of an account that asked for one instance, in words. */
export async function readCreated(
	{ db }: Pick<FlowWorld, "db">,
	{ accountId, texts }: { readonly accountId: string; readonly texts: readonly string[] },
): Promise<readonly string[]> {
	const wrong: string[] = [];
	const expect = (what: string, found: unknown, wanted: unknown): void => {
		if (found !== wanted) wrong.push(`${what}: ${String(found)}, not ${String(wanted)}`);
	};
	const rows = await db("instances")
		.where({ account_id: accountId })
		.select("id", "phase", "slot", "deploy_until");
	expect("instances", rows.length, 1);
	const [row] = rows;
	expect("phase", row?.phase, "ready");
	expect("slot", row?.slot, 1);
	expect("deadline", row?.deploy_until, null);
	const id = String(row?.id);
	const keys = await db("api_keys").where({ instance_id: id }).whereNull("revoked_at");
	expect("keys", keys.length, 1);
	expect("programs", await countPrograms(id), 1);
	expect("beginnings told", count(texts, /Your agent is on its way/), 1);
	expect("ends told", count(texts, /From now on it answers/), 1);
	expect("answers", count(texts, ANSWER), 1);
	const failed = await db("instance_events")
		.where({ instance_id: id })
		.whereIn("kind", ["failed", "crashloop"]);
	expect("failures", failed.length, 0);
	return wrong;
}

function count(texts: readonly string[], sign: RegExp): number {
	return texts.filter((text) => sign.test(text)).length;
}

/** Groups of processes whose home is the instance's. */
async function countPrograms(instanceId: string): Promise<number> {
	const groups = new Set<number>();
	for (const { pid, group } of await listProcesses()) {
		const where = await readlink(`/proc/${pid}/cwd`).catch(() => "");
		if (where.endsWith(`/homes/${instanceId}`)) groups.add(group);
	}
	return groups.size;
}
