import type { Knex } from "knex";
import type { Door } from "../../bots/http/create-ingress.ts";
import type { Catalog } from "../../core/agents/agent.ts";
import type { Config } from "../../core/config.ts";
import { findGatewayUrl, setGatewayUrl } from "../../core/db/instance-hosts.ts";
import { deleteStraySecrets, listUndropped } from "../../core/db/instance-secrets.ts";
import type { Egress } from "../../core/egress/create-egress.ts";
import { AppError } from "../../core/errors.ts";
import { openclaw } from "../../core/instances/adapters/openclaw.ts";
import { createCollector } from "../../core/instances/collector.ts";
import type { InstanceHouse } from "../../core/instances/create-instance.ts";
import type { InstanceDesk } from "../../core/instances/desk.ts";
import { createInstanceDesk } from "../../core/instances/desk.ts";
import type { InstanceSafe } from "../../core/instances/instance-secrets.ts";
import { createInstanceSafe } from "../../core/instances/instance-secrets.ts";
import { startInstanceLoop } from "../../core/instances/loop.ts";
import { createSampler, SAMPLER_EVERY_MS } from "../../core/instances/monitor/sampler.ts";
import { createTurnCounts } from "../../core/instances/monitor/turn-counts.ts";
import { probeCell } from "../../core/instances/probe.ts";
import { createReconciler } from "../../core/instances/reconciler.ts";
import type { InstanceTalk } from "../../core/instances/talk.ts";
import { createInstanceTalk } from "../../core/instances/talk.ts";
import { findTerms } from "../../core/instances/terms.ts";
import { createWarmPool, WARM_EVERY_MS } from "../../core/instances/warm-pool.ts";
import type { CronJob, LoopJob } from "../../core/jobs/job.ts";
import type { Logger } from "../../core/log.ts";
import { createOpenAiProvider } from "../../core/providers/openai-compatible.ts";
import type { Secrets } from "../../core/secrets/create-secrets.ts";
import { createDoors, DOORS_EVERY_MS } from "./instance-doors.ts";
import type { InstanceGround } from "./instance-runtimes.ts";
import { openContainers, openProcesses } from "./instance-runtimes.ts";

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
	readonly jobs: readonly CronJob[];
	/** Begins to look after instances: their gateway is there now. @returns what goes on from then on */
	start(gateway: ListeningGateway): Promise<readonly LoopJob[]>;
	stop(): Promise<void>;
};

/** Where we listen, and how to listen elsewhere too. */
export type ListeningGateway = {
	readonly address: { readonly host: string; readonly port: number };
	readonly listenAlso: (host: string) => Promise<Door>;
};

const COLLECT_EVERY_MS = 60_000;
const UNDROPPED_MAX = 1_000;
const ANSWER_MS = 2_000;

/** Agents of their own that accounts have, over the runtime of this installation. */
export async function composeInstances(parts: InstanceParts): Promise<ComposedInstances> {
	const { config, db, secrets, egress, log, loadCatalog } = parts;
	const ground = await openGround(parts);
	const safe = createInstanceSafe({ db, secrets, networks: ground?.networks ?? [] });
	const dropSecrets = safe.drop;
	const jobs = [
		{ name: "instances-secrets", cron: "*/10 * * * *", run: async () => await sweepSecrets(db, dropSecrets) },
	];
	const common = { db, dropSecrets, renewSecrets: safe.renew, findSecrets: safe.find };
	if (ground === undefined) {
		const runtimes = new Map();
		const desk = createInstanceDesk({ ...common, house: undefined, runtimes, onWish: () => undefined });
		return { desk, talk: undefined, jobs, start: async () => [], stop: async () => undefined };
	}
	const { host, runtime, reach } = ground;
	const runtimes = new Map([[host, runtime]]);
	const terms = {
		...{ db, safe, loadCatalog, reach },
		gatewayUrl: async (of: string) => await requireGatewayUrl(db, of),
	};
	const reconciler = createReconciler({
		...{ db, runtimes, log },
		probe: async (address) => await probeCell(address, openclaw.probes),
		describe: async ({ state, host: of }) =>
			openclaw.describe(await findTerms(terms, { instanceId: state.id, host: of })),
		files: async ({ state, host: of }) =>
			openclaw.files(await findTerms(terms, { instanceId: state.id, host: of })),
	});
	const counts = createTurnCounts();
	const house = toHouse(config, host);
	const talk = createInstanceTalk({ runtimes, safe, provider: createOpenAiProvider({ egress }) });
	let loop: ReturnType<typeof startInstanceLoop> | undefined;
	let doors: ReturnType<typeof createDoors> | undefined;
	const onWish = (): void => loop?.kick();
	return {
		desk: createInstanceDesk({ ...common, runtimes, house, onWish }),
		talk: counts.count(talk),
		jobs,
		async start({ address, listenAlso }) {
			await announce(parts, ground, address);
			const onTrouble = (message: string, err: unknown): void => log.warn({ err }, message);
			loop = startInstanceLoop({ pass: reconciler.pass, onTrouble });
			const keepWarm = createWarmPool({ db, house, size: config.instances.warm, dropSecrets, onWish });
			const { containers } = ground;
			if (containers !== undefined && config.instances.gatewayUrl === undefined) {
				doors = createDoors({ db, host, runtime: containers, open: listenAlso, log });
			}
			return [
				{ name: "instances-sample", everyMs: SAMPLER_EVERY_MS, run: createSampler({ db, runtimes, counts }) },
				{ name: "instances-warm", everyMs: WARM_EVERY_MS, run: keepWarm },
				{ name: "instances-collect", everyMs: COLLECT_EVERY_MS, run: createCollector({ db, runtimes, log }) },
				...(doors === undefined
					? []
					: [{ name: "instances-doors", everyMs: DOORS_EVERY_MS, run: doors.look }]),
			];
		},
		async stop() {
			await loop?.stop();
			await doors?.close();
			await ground.end();
		},
	};
}

/** Undefined: no instances are made here. */
async function openGround({ config, log }: InstanceParts): Promise<InstanceGround | undefined> {
	switch (config.instances.runtime) {
		case "off":
			return undefined;
		case "docker":
			return await openContainers(config, log);
		case "process":
			return await openProcesses(config, log);
		case "auto":
			return mayRunProcesses(config, log) ? await openProcesses(config, log) : undefined;
	}
}

/** As root every instance has a user of its own; else it could read what is ours, which is for nobody but ourselves. */
function mayRunProcesses(config: Config, log: Logger): boolean {
	const isApart = process.getuid?.() === 0;
	const isAlone = config.telegram.tokens.length === 0;
	if (!isApart && !isAlone) {
		log.warn(
			{},
			"no instances are made: without root they would run as we do; INSTANCES=docker keeps them apart, INSTANCES=process makes them all the same",
		);
	}
	return isApart || isAlone;
}

/** What a node that died left behind. @returns how many were taken away */
async function sweepSecrets(db: Knex, drop: InstanceSafe["drop"]): Promise<number> {
	const undropped = await listUndropped(db, UNDROPPED_MAX);
	for (const instanceId of undropped) await drop(instanceId);
	return undropped.length + (await deleteStraySecrets(db));
}

function toHouse({ instances }: Config, host: string): InstanceHouse {
	const { region, release, liveMax } = instances;
	return { region, host, kind: openclaw.kind, release, liveMax };
}

/** Cells know one address. It stays what it is as long as somebody answers there, also when more nodes come. */
async function announce(
	{ config, db }: InstanceParts,
	{ host, toGatewayUrl, toOwnUrl }: InstanceGround,
	address: ListeningGateway["address"],
): Promise<void> {
	const url = toGatewayUrl(address);
	const known = await findGatewayUrl(db, host);
	const isGiven = config.instances.gatewayUrl !== undefined;
	if (known !== undefined && known !== url && !isGiven && (await answers(toOwnUrl(known, address)))) return;
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
