import type Docker from "dockerode";
import type { Container } from "./container/container-state.ts";
import { readContainer, readContainers } from "./container/container-state.ts";
import { orMissing } from "./engine/engine-refusal.ts";
import type { Names, Owned } from "./names.ts";

export type OwnContainer = Container & { readonly owned: Owned };

/** The containers of the engine as we see them. */
export type Cells = {
	/** By name or id, whoever's it is; undefined: there is none. */
	find(container: string): Promise<Container | undefined>;
	/** The cells of one instance, or of all. */
	list(instanceId?: string): Promise<readonly Container[]>;
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

	return {
		find,
		async list(instanceId) {
			const answer = await docker.listContainers({ all: true, filters: names.filter("cell", instanceId) });
			const listed = readContainers(answer, names).filter(({ owned }) => owned?.role === "cell");
			const looked = await Promise.all(
				listed.map(async (one) => {
					// How it ended stands in no list.
					if (one.state === "exited") return await find(one.id);
					return { ...one, exitCode: 0, isOutOfMemory: false, addresses: {}, published: {} };
				}),
			);
			return looked.filter((one) => one !== undefined);
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
