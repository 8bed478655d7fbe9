import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Config } from "../../core/config.ts";
import { SYSTEM_DIRECTORY } from "../../core/db/embedded/place.ts";
import { crashPoint } from "../../core/inbox/crash-point.ts";
import type { AgentReach } from "../../core/instances/adapters/adapter.ts";
import { readHostName } from "../../core/instances/host-name.ts";
import type { Runtime } from "../../core/instances/runtime.ts";
import { GATEWAY_NAME } from "../../core/instances/runtimes/docker/container/container-body.ts";
import type { ContainerRuntime } from "../../core/instances/runtimes/docker/docker-runtime.ts";
import { createDockerRuntime } from "../../core/instances/runtimes/docker/docker-runtime.ts";
import { findRoot } from "../../core/instances/runtimes/process/find-root.ts";
import { createNpmReleases } from "../../core/instances/runtimes/process/npm-releases.ts";
import { ProcessRuntime } from "../../core/instances/runtimes/process/process-runtime.ts";
import type { Logger } from "../../core/log.ts";

type Address = { readonly host: string; readonly port: number };

/** Where instances of this node live, and how they and we find each other. */
export type InstanceGround = {
	/** The same for every node that reaches the same cells. */
	readonly host: string;
	readonly runtime: Runtime;
	/** Where an agent is to listen. */
	readonly reach: AgentReach;
	/** From where instances call us: their keys are worth nothing elsewhere. */
	readonly networks: readonly string[];
	/** What our gateway is called in a cell, where we listen at this address. */
	toGatewayUrl(address: Address): string;
	/** The same as we reach it ourselves. */
	toOwnUrl(gatewayUrl: string, address: Address): string;
	/** Of containers: each has a network of its own, in which we must listen too. */
	readonly containers: ContainerRuntime | undefined;
	/** Once nobody looks after them any more. */
	end(): Promise<void>;
};

/** Cells that nobody comes back to are asked to end, and ended after this. */
const END_MS = 2_000;
const LOOPBACK = ["127.0.0.0/8", "::1/128"];
const INSTALLATION_LENGTH = 12;

/** Programs of this machine. */
export async function openProcesses(config: Config, log: Logger): Promise<InstanceGround> {
	const onTrouble = (message: string, err: unknown): void => log.warn({ err }, message);
	const root = await openRoot(config);
	const runtime = new ProcessRuntime({
		...{ root, onTrouble, onBegun: () => crashPoint("instance-begun") },
		releases: createNpmReleases({ root: join(root, "releases"), onTrouble }),
		environment: { PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`, LANG: "C.UTF-8" },
	});
	return {
		...{
			host: await readHostName(root),
			runtime,
			reach: "loopback",
			networks: LOOPBACK,
			containers: undefined,
		},
		toGatewayUrl: ({ host, port }) => config.instances.gatewayUrl ?? `http://${toReached(host)}:${port}`,
		toOwnUrl: (url) => url,
		async end() {
			// With the database goes all that could look after them.
			if (config.databaseUrl === undefined) await runtime.endAll(END_MS);
			await runtime.close();
		},
	};
}

/** Containers of Docker or Podman. They go on running when we stop. */
export async function openContainers(config: Config, log: Logger): Promise<InstanceGround> {
	const { containers: settings, gatewayUrl } = config.instances;
	const host = await readHostName(await openRoot(config));
	// Rules are of one port, which has to be known.
	const isFenced = settings.firewall ?? (hasFirewall() && config.port !== 0);
	if (!isFenced) {
		log.warn({}, "containers reach whatever listens at all addresses of this machine: INSTANCE_FIREWALL");
	}
	const runtime = createDockerRuntime({
		socketPath: settings.socket,
		// The letters after "host-".
		installation: host.replaceAll("-", "").slice(4, 4 + INSTALLATION_LENGTH),
		registries: settings.registries,
		subnets: settings.subnets,
		...(settings.command !== undefined && { command: settings.command }),
		...(settings.ociRuntime !== undefined && { ociRuntime: settings.ociRuntime }),
		...(isFenced && { firewall: { gatewayPort: config.port } }),
		onTrouble: (message, err) => log.warn({ err }, message),
	});
	return {
		...{ host, runtime, reach: "network", networks: [settings.subnets], containers: runtime },
		toGatewayUrl: ({ port }) => gatewayUrl ?? `http://${GATEWAY_NAME}:${port}`,
		toOwnUrl: (url, address) => url.replace(GATEWAY_NAME, toReached(address.host)),
		end: async () => await runtime.close(),
	};
}

async function openRoot({ dataDir }: Config): Promise<string> {
	return await findRoot(join(dataDir, "instances"), SYSTEM_DIRECTORY);
}

/** As root of a machine that has nftables. */
function hasFirewall(): boolean {
	const places = (process.env["PATH"] ?? "").split(delimiter);
	return process.getuid?.() === 0 && [...places, "/usr/sbin"].some((place) => existsSync(join(place, "nft")));
}

/** Whoever listens everywhere is reached at the loopback. */
function toReached(host: string): string {
	if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
	return host.includes(":") ? `[${host}]` : host;
}
