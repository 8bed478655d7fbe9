import { dirname, join } from "node:path";
import type { Knex } from "knex";
import type { Catalog } from "../../core/agents/agent.ts";
import type { Config } from "../../core/config.ts";
import { SYSTEM_DIRECTORY } from "../../core/db/embedded/place.ts";
import { findGatewayUrl, setGatewayUrl } from "../../core/db/instance-hosts.ts";
import { deleteStraySecrets, listUndropped } from "../../core/db/instance-secrets.ts";
import type { Egress } from "../../core/egress/create-egress.ts";
import { AppError } from "../../core/errors.ts";
import { openclaw } from "../../core/instances/adapters/openclaw.ts";
import { createCollector } from "../../core/instances/collector.ts";
import type { InstanceHouse } from "../../core/instances/create-instance.ts";
import type { InstanceDesk } from "../../core/instances/desk.ts";
import { createInstanceDesk } from "../../core/instances/desk.ts";
import { readHostName } from "../../core/instances/host-name.ts";
import type { InstanceSafe } from "../../core/instances/instance-secrets.ts";
import { createInstanceSafe } from "../../core/instances/instance-secrets.ts";
import { startInstanceLoop } from "../../core/instances/loop.ts";
import { createSampler, SAMPLER_EVERY_MS } from "../../core/instances/monitor/sampler.ts";
import { createTurnCounts } from "../../core/instances/monitor/turn-counts.ts";
import { probeCell } from "../../core/instances/probe.ts";
import { createReconciler } from "../../core/instances/reconciler.ts";
import { findRoot } from "../../core/instances/runtimes/process/find-root.ts";
import { createNpmReleases } from "../../core/instances/runtimes/process/npm-releases.ts";
import { ProcessRuntime } from "../../core/instances/runtimes/process/process-runtime.ts";
import type { InstanceTalk } from "../../core/instances/talk.ts";
import { createInstanceTalk } from "../../core/instances/talk.ts";
import { findTerms } from "../../core/instances/terms.ts";
import type { CronJob, LoopJob } from "../../core/jobs/job.ts";
import type { Logger } from "../../core/log.ts";
import { createOpenAiProvider } from "../../core/providers/openai-compatible.ts";
import type { Secrets } from "../../core/secrets/create-secrets.ts";

export type InstanceParts = {
	readonly config: Config;
	readonly db: Knex;
	readonly secrets: Secrets;
	readonly egress: Egress;
	readonly log: Logger;
	readonly loadCatalog: () => Promise<Catalog>;
};

export type ComposedInstances = {
	readonly desk: InstanceDesk;
	/** Undefined: none could be reached from here. */
	readonly talk: InstanceTalk | undefined;
	/** What is to be noted of them again and again. */
	readonly loops: readonly LoopJob[];
	readonly jobs: readonly CronJob[];
	/** Begins to look after instances: their gateway is there now. */
	start(address: { readonly host: string; readonly port: number }): Promise<void>;
	stop(): Promise<void>;
};

/** Cells that nobody comes back to are asked to end, and ended after this. */
const END_MS = 2_000;
const COLLECT_EVERY_MS = 60_000;
const UNDROPPED_MAX = 1_000;
const ANSWER_MS = 2_000;
/** From where instances call us: this machine. */
const NETWORKS = ["127.0.0.0/8", "::1/128"];

/** Agents of their own that accounts have, over the runtime of this installation. */
export async function composeInstances(parts: InstanceParts): Promise<ComposedInstances> {
	const { config, db, secrets, egress, log, loadCatalog } = parts;
	const safe = createInstanceSafe({ db, secrets, networks: NETWORKS });
	const dropSecrets = safe.drop;
	const jobs = [
		{ name: "instances-secrets", cron: "*/10 * * * *", run: async () => await sweepSecrets(db, dropSecrets) },
	];
	const common = { db, dropSecrets, renewSecrets: safe.renew, findSecrets: safe.find };
	if (!hasProcesses(parts)) {
		const runtimes = new Map();
		const desk = createInstanceDesk({ ...common, house: undefined, runtimes, onWish: () => undefined });
		return {
			desk,
			talk: undefined,
			loops: [],
			jobs,
			start: async () => undefined,
			stop: async () => undefined,
		};
	}
	const onTrouble = (message: string, err: unknown): void => log.warn({ err }, message);
	const root = await findRoot(join(config.dataDir, "instances"), SYSTEM_DIRECTORY);
	const host = await readHostName(root);
	const runtime = new ProcessRuntime({
		...{ root, onTrouble },
		releases: createNpmReleases({ root: join(root, "releases"), onTrouble }),
		environment: { PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`, LANG: "C.UTF-8" },
	});
	const runtimes = new Map([[host, runtime]]);
	const terms = { db, safe, loadCatalog, gatewayUrl: async (of: string) => await requireGatewayUrl(db, of) };
	const reconciler = createReconciler({
		...{ db, runtimes, log },
		probe: async (address) => await probeCell(address, openclaw.probes),
		describe: async ({ state, host: of }) =>
			openclaw.describe(await findTerms(terms, { instanceId: state.id, host: of })),
		files: async ({ state, host: of }) =>
			openclaw.files(await findTerms(terms, { instanceId: state.id, host: of })),
	});
	const counts = createTurnCounts();
	const sample = createSampler({ db, runtimes, counts });
	const talk = createInstanceTalk({ runtimes, safe, provider: createOpenAiProvider({ egress }) });
	let loop: ReturnType<typeof startInstanceLoop> | undefined;
	return {
		desk: createInstanceDesk({
			...{ ...common, runtimes, house: toHouse(config, host) },
			onWish: () => loop?.kick(),
		}),
		talk: counts.count(talk),
		jobs,
		loops: [
			{ name: "instances-sample", everyMs: SAMPLER_EVERY_MS, run: sample },
			{ name: "instances-collect", everyMs: COLLECT_EVERY_MS, run: createCollector({ db, runtimes, log }) },
		],
		async start(address) {
			await announce(parts, host, address);
			loop = startInstanceLoop({ pass: reconciler.pass, onTrouble });
		},
		async stop() {
			await loop?.stop();
			// With the database goes all that could look after them.
			if (config.databaseUrl === undefined) await runtime.endAll(END_MS);
			await runtime.close();
		},
	};
}

/** What a node that died left behind. @returns how many were taken away */
async function sweepSecrets(db: Knex, drop: InstanceSafe["drop"]): Promise<number> {
	const undropped = await listUndropped(db, UNDROPPED_MAX);
	for (const instanceId of undropped) await drop(instanceId);
	return undropped.length + (await deleteStraySecrets(db));
}

/** As root every instance has a user of its own; else it could read what is ours, which is for nobody but ourselves. */
function hasProcesses({ config, log }: InstanceParts): boolean {
	if (config.instances.runtime !== "auto") return config.instances.runtime === "process";
	const isApart = process.getuid?.() === 0;
	const isAlone = config.telegram.tokens.length === 0;
	if (!isApart && !isAlone) {
		log.warn(
			{},
			"no instances are made: without root they would run as we do; INSTANCES=process makes them all the same",
		);
	}
	return isApart || isAlone;
}

function toHouse({ instances }: Config, host: string): InstanceHouse {
	const { region, release, liveMax } = instances;
	return { region, host, kind: openclaw.kind, release, liveMax };
}

/** Cells know one address. It stays what it is as long as somebody answers there, also when more nodes come. */
async function announce(
	{ config, db }: InstanceParts,
	host: string,
	{ host: name, port }: { readonly host: string; readonly port: number },
): Promise<void> {
	const isAnywhere = name === "0.0.0.0" || name === "::";
	const here = isAnywhere ? "127.0.0.1" : name.includes(":") ? `[${name}]` : name;
	const url = config.instances.gatewayUrl ?? `http://${here}:${port}`;
	const known = await findGatewayUrl(db, host);
	if (
		known !== undefined &&
		known !== url &&
		config.instances.gatewayUrl === undefined &&
		(await answers(known))
	)
		return;
	await setGatewayUrl(db, host, url);
}

async function answers(url: string): Promise<boolean> {
	try {
		return (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(ANSWER_MS) })).ok;
	} catch {
		return false;
	}
}

async function requireGatewayUrl(db: Knex, host: string): Promise<string> {
	const url = await findGatewayUrl(db, host);
	if (url === undefined) throw new AppError("INTERNAL", `where the gateway is was never said on ${host}`);
	return `${url}/v1`;
}
