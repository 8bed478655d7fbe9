import type { Podman } from "../../../core/instances/runtimes/docker/testing/podman.ts";

/** What the engine wrote down of a container, in the order it happened. */
type EngineEvent = { readonly Name: string; readonly Status: string; readonly Type: string };

/** One container's running, from its start to its end. */
export type Lives = {
	readonly starts: number;
	/** Starts of a container of an instance while another one of the same instance ran: both have its volume. */
	readonly beside: readonly string[];
};

const OURS = /^oc-([0-9a-f-]{36})-g\d+(?:-hand)?$/;

/**
 * What ran beside what, from the engine's own log: it writes an end down before anybody can see it, so that what follows from
 * seeing it comes later there too.
 *
 * @param strangers names that are somebody else's
 */
export async function readLives(podman: Podman, strangers: ReadonlySet<string>): Promise<Lives> {
	const printed = await podman.run("events", "--stream=false", "--since", "24h", "--format", "json");
	const events = printed
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line) as EngineEvent);
	const running = new Map<string, Set<string>>();
	const beside: string[] = [];
	let starts = 0;
	for (const { Name, Status, Type } of events) {
		const [, instanceId] = OURS.exec(Name) ?? [];
		if (Type !== "container" || instanceId === undefined || strangers.has(Name)) continue;
		const own = running.get(instanceId) ?? new Set<string>();
		running.set(instanceId, own);
		if (Status === "died" || Status === "remove") own.delete(Name);
		if (Status !== "start") continue;
		starts += 1;
		const others = [...own].filter((name) => name !== Name);
		if (others.length > 0) beside.push(`${Name} beside ${others.join(", ")}`);
		own.add(Name);
	}
	return { starts, beside };
}
