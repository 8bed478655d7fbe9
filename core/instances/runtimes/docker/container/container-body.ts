import type { ContainerCreateOptions } from "dockerode";
import type { CellLimits } from "../../../runtime.ts";
import type { TarOwner } from "../files/to-tar.ts";
import type { Labels } from "../names.ts";
import { AWAIT, LAUNCH, PLACE } from "./start-script.ts";

/** Where an instance's volume is in its containers. Its top is not the agent's to change; below it are its home and drafts of its files. */
export const VOLUME_AT = "/cell";
export const HOME = `${VOLUME_AT}/home`;
export const DRAFTS = `${VOLUME_AT}/drafts`;
/** Where an agent listens, in its own network. */
export const CELL_PORT = 18_789;
/** What our gateway is called in there. */
export const GATEWAY_NAME = "rockpool.internal";

/** How a container is reached and what it reaches. */
export type Reach =
	| { readonly kind: "nothing" }
	/** A network without a way out, in which the machine itself has an address. */
	| { readonly kind: "bridge"; readonly network: string; readonly gateway: string }
	/** Its port at one of the machine's loopback; undefined: at any that is free. */
	| { readonly kind: "loopback"; readonly network: string; readonly port: number | undefined };

export type ContainerTerms = {
	readonly image: string;
	/** Of the image's shell: one of the two below. */
	readonly shell: readonly string[];
	readonly labels: Labels;
	readonly volume: string;
	readonly reach: Reach;
	readonly limits: CellLimits;
	readonly user: TarOwner;
	/** Of the engine's OCI runtimes, such as one with a kernel of its own; undefined: the engine's own choice. */
	readonly ociRuntime: string | undefined;
};

/** Of the image, which must have mv, mkdir, rm and sleep beside it. */
export const SHELL = "/bin/sh";
const MIB = 1024 * 1024;
const SCRATCH = `rw,nosuid,nodev,size=${64 * MIB},mode=1777`;
const FILES_MAX = 16_384;
/** Counted for one number of a user over all its containers: what bounds one of them is its own limit. Podman itself may no more. */
const USER_PROCESSES_MAX = 32_768;
const LOG_SIZE = { "max-size": "4m", "max-file": "2" };
/** Ended before what the house itself lives on, where the whole machine has no memory left. */
const OOM_SCORE = 500;

/** Waits for its environment and becomes this program. */
export function toLaunch(command: readonly string[]): readonly string[] {
	return ["-c", LAUNCH, "launch", HOME, DRAFTS, ...command];
}

/** Puts drafts into their places; as the first program of a container once it is told to. */
export function toPlace(
	{ directory, triples }: { readonly directory: string; readonly triples: readonly string[] },
	isFirst: boolean,
): readonly string[] {
	return ["-c", isFirst ? AWAIT + PLACE : PLACE, "place", HOME, directory, ...triples];
}

/**
 * A container as strict as an agent can live in: no user of the machine's, no right of root's, nothing of its file system to
 * write to but its volume and its scratch, limits on whatever it could use up (source: design/security S28).
 */
export function toContainerBody(terms: ContainerTerms): ContainerCreateOptions {
	const { image, shell, labels, volume, reach, limits, user, ociRuntime } = terms;
	return {
		Image: image,
		Entrypoint: [SHELL],
		Cmd: [...shell],
		User: `${user.uid}:${user.gid}`,
		WorkingDir: "/",
		Labels: { ...labels },
		...{ OpenStdin: true, StdinOnce: true, AttachStdin: false, AttachStdout: false, AttachStderr: false },
		Tty: false,
		...(reach.kind === "loopback" && { ExposedPorts: { [`${CELL_PORT}/tcp`]: {} } }),
		HostConfig: {
			...toNetworking(reach),
			...{ Privileged: false, CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges"], IpcMode: "private" },
			ReadonlyRootfs: true,
			Tmpfs: { "/tmp": SCRATCH, "/var/tmp": SCRATCH },
			Mounts: [
				{
					...{ Type: "volume", Source: volume, Target: VOLUME_AT, ReadOnly: false },
					VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: "", Options: {} } },
				},
			],
			...{ Memory: limits.memoryBytes, MemorySwap: limits.memoryBytes, OomScoreAdj: OOM_SCORE },
			...{ NanoCpus: limits.cpuMillis * 1_000_000, PidsLimit: limits.processesMax },
			Ulimits: [
				{ Name: "nofile", Soft: FILES_MAX, Hard: FILES_MAX },
				{ Name: "nproc", Soft: USER_PROCESSES_MAX, Hard: USER_PROCESSES_MAX },
				// What a program had in memory stays out of files.
				{ Name: "core", Soft: 0, Hard: 0 },
			],
			// Of the two that try again, only we may.
			RestartPolicy: { Name: "no" },
			LogConfig: { Type: "json-file", Config: { ...LOG_SIZE } },
			// Passes signals on and buries the dead, which an agent as the first process would not.
			Init: true,
			...(ociRuntime !== undefined && { Runtime: ociRuntime }),
		},
	};
}

function toNetworking(reach: Reach): ContainerCreateOptions["HostConfig"] {
	if (reach.kind === "nothing") return { NetworkMode: "none" };
	const { network } = reach;
	const common = {
		NetworkMode: network,
		// Otherwise each has a second address at its bridge that nobody gave it.
		Sysctls: { "net.ipv6.conf.all.disable_ipv6": "1", "net.ipv6.conf.default.disable_ipv6": "1" },
	};
	if (reach.kind === "bridge") {
		// Names that are asked of the engine would be asked on by it, out of the network that has no way out.
		return { ...common, Dns: ["127.0.0.1"], ExtraHosts: [`${GATEWAY_NAME}:${reach.gateway}`] };
	}
	const port = reach.port === undefined ? "" : String(reach.port);
	return {
		...common,
		ExtraHosts: [`${GATEWAY_NAME}:host-gateway`],
		PortBindings: { [`${CELL_PORT}/tcp`]: [{ HostIp: "127.0.0.1", HostPort: port }] },
	};
}
