import type { EngineOptions } from "./engine/engine.ts";
import type { TarOwner } from "./files/to-tar.ts";
import { toSubnet } from "./surroundings/subnets.ts";

export type DockerRuntimeOptions = EngineOptions & {
	/** Tells what is ours from what another installation has on the same machine. Lower case with hyphens. */
	readonly installation: string;
	/** Whose images may be run, as they stand before the first slash. What was loaded on this machine by digest always may. */
	readonly registries?: readonly string[];
	/** The agent's program and what stands before its arguments; undefined: what its image begins with. */
	readonly command?: readonly string[];
	/** As whom agents run in their containers: neither number is 0. */
	readonly user?: TarOwner;
	/**
	 * bridge: a network without a way out, in which the machine has an address of its own; agents are reached there and nowhere
	 * else. For an engine that runs on this machine as root. loopback: a network with a way out, and a port of the loopback; what
	 * agents reach is then for the machine's own firewall to say.
	 */
	readonly reach?: "bridge" | "loopback";
	/** Where networks are cut from, sixteen addresses each. */
	readonly subnets?: string;
	/** Rules of nftables that leave agents our gateway's port of this machine and nothing else of it; we must be root. Undefined: somebody else sees to it. */
	readonly firewall?: { readonly gatewayPort: number };
	/** Of the engine's local driver of volumes. */
	readonly volumeOptions?: Readonly<Record<string, string>>;
	/** One of those the engine has, such as one with a kernel of its own for each; undefined: its own choice. */
	readonly ociRuntime?: string;
	/** What the engine said when it refused, which an owner is not told. */
	readonly onTrouble: (message: string, error: unknown) => void;
};

export type DockerSettings = ReturnType<typeof toSettings>;

const REGISTRIES = ["docker.io", "ghcr.io"];
/** Node's own image has this user. */
const USER: TarOwner = { uid: 1_000, gid: 1_000 };
const SUBNETS = "10.213.0.0/16";
/** Of a number in an archive. */
const USER_MAX = 0o7777777;

/** @throws TypeError for options that would not keep agents apart */
export function toSettings(options: DockerRuntimeOptions) {
	const { registries = REGISTRIES, user = USER, reach = "bridge", subnets = SUBNETS } = options;
	const { socketPath, installation, command, firewall, volumeOptions = {}, ociRuntime, onTrouble } = options;
	for (const number of [user.uid, user.gid]) {
		if (!Number.isInteger(number) || number < 1 || number > USER_MAX)
			throw new TypeError(`no agent runs as ${number}`);
	}
	toSubnet(subnets, 0);
	return {
		...{ socketPath, installation, registries, command, user, reach, subnets, firewall, volumeOptions },
		...{ ociRuntime, onTrouble },
	} as const;
}
