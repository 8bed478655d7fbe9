import type { ContainerCreateOptions } from "dockerode";
import { toCellName } from "../../cell.ts";
import type { CellSpec } from "../../runtime.ts";
import type { OwnContainer } from "./cells.ts";
import type { Reach } from "./container/container-body.ts";
import { CELL_PORT, HOME, toContainerBody, toLaunch } from "./container/container-body.ts";
import { toFeed } from "./container/start-script.ts";
import { EngineRefusal } from "./engine/engine-refusal.ts";
import { feedStdin } from "./engine/feed-stdin.ts";
import { clearHands } from "./files/hand.ts";
import { unpack } from "./files/place-files.ts";
import type { Ground } from "./ground.ts";
import type { Role } from "./names.ts";
import { applyFirewall, toFirewallRules } from "./surroundings/firewall.ts";
import { openNetwork } from "./surroundings/open-network.ts";
import { openVolume } from "./surroundings/open-volume.ts";

/** Makes a cell of what is there, with its volume and its network. @throws EngineRefusal where its name is taken */
export async function createCell(ground: Ground, spec: CellSpec): Promise<void> {
	const { docker, names, settings } = ground;
	const { instanceId, generation } = spec;
	// First of all, so that what is not pinned leaves nothing behind.
	const image = await ground.images.require(spec.release);
	await openVolume(docker, names, instanceId, settings.volumeOptions);
	const body = toBody(ground, spec, {
		...{ role: "cell", image, args: spec.args, reach: await openReach(ground, spec) },
	});
	await docker.createContainer({ ...body, name: toCellName(instanceId, generation) });
}

/** Starts a cell that does not run, and tells it what it is to know. @throws Error where something else is at its files */
export async function startCell(ground: Ground, cell: OwnContainer, spec: CellSpec): Promise<void> {
	const { docker, names, settings } = ground;
	const { firewall } = settings;
	if (firewall !== undefined) await applyFirewall(toFirewallRules(names.bridgePrefix, firewall.gatewayPort));
	await requireAlone(ground, spec.instanceId);
	try {
		await docker.getContainer(cell.id).start();
	} catch (error) {
		// Another node was faster, and tells it.
		if (error instanceof EngineRefusal && error.status === 304) return;
		throw error;
	}
	await tell(ground, cell.id, spec);
}

/** Nothing of the instance runs, and no hand is left that could. @throws Error otherwise */
export async function requireAlone({ docker, names, cells }: Ground, instanceId: string): Promise<void> {
	await clearHands(docker, names, instanceId);
	await cells.requireNoneRuns(instanceId);
}

export type BodyTerms = {
	readonly role: Role;
	readonly image: { readonly id: string; readonly entrypoint: readonly string[] };
	readonly args: readonly string[];
	readonly reach: Reach;
};

/** A container that runs the agent's program with these arguments. */
export function toBody(ground: Ground, spec: CellSpec, terms: BodyTerms): ContainerCreateOptions {
	const { names, settings } = ground;
	const { instanceId, generation, limits } = spec;
	const { role, image, args, reach } = terms;
	const { command = image.entrypoint, user, ociRuntime } = settings;
	return toContainerBody({
		...{ image: image.id, shell: toLaunch([...command, ...args.map(fill)]), reach, limits, user, ociRuntime },
		labels: names.containerLabels({ instanceId, generation, role }),
		volume: names.volume(instanceId),
	});
}

/** Gives a container that runs its home, and tells it the environment it waits for. */
export async function tell({ docker, settings }: Ground, container: string, spec: CellSpec): Promise<void> {
	await unpack(docker, container, [], settings.user);
	const given = Object.entries({ HOME, ...spec.environment });
	const environment = Object.fromEntries(given.map(([name, value]) => [name, fill(value)]));
	await feedStdin(settings.socketPath, container, toFeed(environment));
}

async function openReach({ docker, names, settings }: Ground, spec: CellSpec): Promise<Reach> {
	const { instanceId, port } = spec;
	const { reach, subnets } = settings;
	const terms = { instanceId, isInternal: reach === "bridge", range: subnets };
	const gateway = await openNetwork(docker, names, terms);
	const network = names.network(instanceId);
	return reach === "bridge" ? { kind: "bridge", network, gateway } : { kind: "loopback", network, port };
}

function fill(text: string): string {
	return text.replaceAll("{home}", HOME).replaceAll("{port}", String(CELL_PORT));
}
