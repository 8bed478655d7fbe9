import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, jest } from "@jest/globals";
import { toCellName } from "../../../cell.ts";
import type { CellSpec, Runtime } from "../../../runtime.ts";
import type { DockerRuntimeOptions } from "../docker-options.ts";
import { createDockerRuntime } from "../docker-runtime.ts";
import type { Podman } from "./podman.ts";
import { startPodman, whyNoPodman } from "./podman.ts";
import type { StubBase } from "./stub-image.ts";
import { loadStub } from "./stub-image.ts";
import type { StubHands } from "./stub-world.ts";
import { toStubHands } from "./stub-world.ts";

export type MadeCell = { readonly spec: CellSpec; readonly cell: string };

/** A Podman, a runtime over it, and what tests do again and again. */
export type ContainerWorld = {
	readonly podman: Podman;
	readonly base: StubBase;
	readonly runtime: Runtime;
	readonly hands: StubHands;
	open(more?: Partial<DockerRuntimeOptions>): Runtime;
	toSpec(more?: Partial<CellSpec>): MadeCell;
	/** It answers. */
	start(more?: Partial<CellSpec>): Promise<MadeCell>;
	stateOf(made: MadeCell): Promise<string | undefined>;
	/** Names of all containers of the instance, whatever they are for. */
	containersOf(made: MadeCell): Promise<readonly string[]>;
};

/** A container begins and ends in about a second here, and a test has several. */
const TEST_MS_MAX = 90_000;

/** Where this machine runs no containers the tests are left out, which was said. */
export function describeContainers(name: string, body: (find: () => ContainerWorld) => void): void {
	jest.setTimeout(TEST_MS_MAX);
	const isMissing = whyNoPodman() !== undefined;
	let world: ContainerWorld | undefined;
	(isMissing ? describe.skip : describe)(name, () => {
		beforeAll(async () => {
			world = await openWorld();
		});
		afterAll(async () => await world?.podman.stop());
		body(() => {
			if (world === undefined) throw new Error("not open");
			return world;
		});
	});
}

async function openWorld(): Promise<ContainerWorld> {
	const podman = await startPodman();
	const base = await loadStub(podman);
	const { socketPath, subnets } = podman;
	const open = (more: Partial<DockerRuntimeOptions> = {}): Runtime =>
		createDockerRuntime({ socketPath, subnets, installation: "test", onTrouble: () => undefined, ...more });
	const runtime = open();
	const hands = toStubHands(runtime);
	const toSpec = (more: Partial<CellSpec> = {}): MadeCell => {
		const spec = { ...base, instanceId: randomUUID(), generation: 1, port: undefined, ...more };
		return { spec, cell: toCellName(spec.instanceId, spec.generation) };
	};
	return {
		...{ podman, base, runtime, hands, open, toSpec },
		async start(more) {
			const made = toSpec(more);
			await runtime.create(made.spec);
			await runtime.start(made.spec);
			await hands.up(made.cell);
			return made;
		},
		async stateOf({ spec, cell }) {
			return (await runtime.observe(spec.instanceId, [cell])).find(({ name }) => name === cell)?.state;
		},
		async containersOf({ spec }) {
			const names = await podman.run("ps", "--all", "--format", "{{.Names}}");
			return names.split("\n").filter((name) => name.includes(spec.instanceId));
		},
	};
}
