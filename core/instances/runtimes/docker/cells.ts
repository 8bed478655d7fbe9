import type Docker from "dockerode";
import type { Container, ListedContainer } from "./container/container-state.ts";
import { readContainer, readContainers } from "./container/container-state.ts";
import { orMissing } from "./engine/engine-refusal.ts";
import type { Names, Owned } from "./names.ts";

export type OwnContainer = Container & { readonly owned: Owned };

export type Listing = { readonly cells: readonly Container[]; readonly hands: readonly ListedContainer[] };

/** The containers of the engine as we see them. */
export type Cells = {
	/** By name or id, whoever's it is; undefined: there is none. */
	find(container: string): Promise<Container | undefined>;
	/** Those of one instance, or of all. */
	list(instanceId?: string): Promise<Listing>;
	/** @throws Error where there is none, or it is somebody else's */
	require(container: string): Promise<OwnContainer>;
	/** @throws Error where a cell of the instance runs */
	requireNoneRuns(instanceId: string): Promise<void>;
};

export function createCells(docker: Docker, names: Names): Cells {
	async function find(container: string): Promise<Container | undefined> {
		const answer: unknown = await orMissing(docker.getContainer(container).inspect());
		return answer === undefined ? undefined : readContainer(answer, names);
	}

	async function look(listed: ListedContainer): Promise<Container | undefined> {
		// How it ended stands in no list.
		if (listed.state === "exited") return await find(listed.id);
		return { ...listed, exitCode: 0, isOutOfMemory: false, addresses: {}, published: {} };
	}

	return {
		find,
		async list(instanceId) {
			const filters = names.filter(undefined, instanceId);
			const listed = readContainers(await docker.listContainers({ all: true, filters }), names);
			const cells = await Promise.all(
				listed.filter(({ owned }) => owned?.role === "cell").map(async (one) => await look(one)),
			);
			return {
				cells: cells.filter((one) => one !== undefined),
				hands: listed.filter(({ owned }) => owned?.role === "hand"),
			};
		},
		async require(container) {
			return requireOurs(await find(container), container);
		},
		async requireNoneRuns(instanceId) {
			const answer = await docker.listContainers({ all: true, filters: names.filter("cell", instanceId) });
			const running = readContainers(answer, names).find(({ state }) => state === "running");
			if (running !== undefined) throw new Error(`${running.name} runs`);
		},
	};
}

/** @throws Error where there is none, or it is somebody else's */
export function requireOurs(found: Container | undefined, container: string): OwnContainer {
	if (found === undefined) throw new Error(`there is no ${container}`);
	const { owned } = found;
	if (owned === undefined) throw new Error(`${container} is somebody else's`);
	return { ...found, owned };
}
