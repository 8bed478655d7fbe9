import type Docker from "dockerode";
import { z } from "zod";
import { EngineRefusal, orMissing } from "../engine/engine-refusal.ts";
import type { Names } from "../names.ts";
import { digest } from "../names.ts";
import type { Subnet } from "./subnets.ts";
import { toSubnet } from "./subnets.ts";

/** Source: Docker Engine API 1.41, "Inspect a network", read 2026-12-01. */
const networkSchema = z.object({
	Internal: z.boolean().optional(),
	Labels: z.record(z.string(), z.string()).nullish(),
	IPAM: z.object({ Config: z.array(z.object({ Gateway: z.string().optional() })).nullish() }).nullish(),
});

export type NetworkTerms = {
	readonly instanceId: string;
	/** Without a way out. */
	readonly isInternal: boolean;
	/** Where networks of instances are cut from. */
	readonly range: string;
};

/** Parts of the range that are tried before somebody must look at what else uses it. */
const TRIES = 8;

/**
 * The instance's own network, made where it is not. @returns the machine's address in it
 *
 * @throws Error where its name is somebody else's, or it is of another kind
 */
export async function openNetwork(docker: Docker, names: Names, terms: NetworkTerms): Promise<string> {
	const { instanceId, isInternal, range } = terms;
	const found = await findNetwork(docker, names.network(instanceId));
	if (found !== undefined) return requireOurs(found, names, terms);
	const first = Number.parseInt(digest(instanceId).slice(0, 8), 16);
	for (let tried = 0; ; tried += 1) {
		try {
			await docker.createNetwork(toBody(names, instanceId, isInternal, toSubnet(range, first + tried)));
		} catch (error) {
			// Another node made it, or others have these addresses.
			const now = await findNetwork(docker, names.network(instanceId));
			if (now !== undefined) return requireOurs(now, names, terms);
			if (!(error instanceof EngineRefusal) || tried + 1 >= TRIES) throw error;
			continue;
		}
		const made = await findNetwork(docker, names.network(instanceId));
		if (made === undefined) throw new Error("its network is gone again");
		return requireOurs(made, names, terms);
	}
}

/** The machine's address in the instance's network; undefined: there is no such network. @throws Error as `openNetwork` */
export async function findMachineAddress(
	docker: Docker,
	names: Names,
	terms: NetworkTerms,
): Promise<string | undefined> {
	const found = await findNetwork(docker, names.network(terms.instanceId));
	return found === undefined ? undefined : requireOurs(found, names, terms);
}

/** Somebody else's stays. @throws EngineRefusal where something is still in it */
export async function removeNetwork(docker: Docker, names: Names, instanceId: string): Promise<boolean> {
	const name = names.network(instanceId);
	const found = await findNetwork(docker, name);
	if (found === undefined) return true;
	if (!names.isOf(found.Labels, instanceId)) return false;
	await orMissing(docker.getNetwork(name).remove());
	return true;
}

function toBody(names: Names, instanceId: string, isInternal: boolean, { subnet, gateway }: Subnet) {
	return {
		...{ Name: names.network(instanceId), Driver: "bridge", Internal: isInternal, CheckDuplicate: true },
		...{ Labels: { ...names.labels(instanceId) }, EnableIPv6: false },
		Options: { "com.docker.network.bridge.name": names.bridge(instanceId) },
		IPAM: { Driver: "default", Config: [{ Subnet: subnet, Gateway: gateway }] },
	};
}

type Network = z.infer<typeof networkSchema>;

async function findNetwork(docker: Docker, name: string): Promise<Network | undefined> {
	const answer: unknown = await orMissing(docker.getNetwork(name).inspect());
	return answer === undefined ? undefined : networkSchema.parse(answer);
}

function requireOurs(network: Network, names: Names, { instanceId, isInternal }: NetworkTerms): string {
	if (!names.isOf(network.Labels, instanceId)) throw new Error("its network is somebody else's");
	if (network.Internal !== isInternal) throw new Error("its network was made for another way to reach it");
	const [gateway] = (network.IPAM?.Config?.[0]?.Gateway ?? "").split("/");
	if (gateway === undefined || gateway === "") throw new Error("its network has no address of the machine");
	return gateway;
}
