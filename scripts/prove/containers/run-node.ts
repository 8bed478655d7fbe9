import { createDb } from "../../../core/db/connect.ts";
import { probeCell } from "../../../core/instances/probe.ts";
import { createReconciler } from "../../../core/instances/reconciler.ts";
import { createDockerRuntime } from "../../../core/instances/runtimes/docker/docker-runtime.ts";
import type { StubBase } from "../../../core/instances/runtimes/docker/testing/stub-image.ts";

/** A node of its own process, which is killed at every moment there is. It looks when it is told to, at the time it is told. */
export type NodeRun = {
	readonly url: string;
	readonly host: string;
	readonly socketPath: string;
	readonly subnets: string;
	readonly installation: string;
	readonly base: StubBase;
};

const run = JSON.parse(process.argv[2] ?? "{}") as NodeRun;
const db = createDb(run.url, { poolMax: 4, applicationName: "rockpool-proof-containers" });
const probes = { live: "/healthz", started: "/startupz", ready: "/readyz" };
let nowMs = 0;

const reconciler = createReconciler({
	db,
	runtimes: new Map([
		[
			run.host,
			createDockerRuntime({
				...{ socketPath: run.socketPath, subnets: run.subnets, installation: run.installation },
				onTrouble: () => undefined,
			}),
		],
	]),
	probe: async (address) => await probeCell(address, probes),
	describe: async () => run.base,
	files: async ({ state }) => [{ path: "config/agent.json", content: `version ${state.configVersion}\n` }],
	log: { warn: () => undefined },
	nowMs: () => nowMs,
});

process.on("message", (told: { readonly nowMs: number }) => {
	nowMs = told.nowMs;
	reconciler.pass().then(
		(looked) => process.send?.({ looked }),
		(error: unknown) => process.send?.({ looked: 0, error: String(error) }),
	);
});
process.on("disconnect", () => process.exit(0));
process.send?.({ looked: 0 });
