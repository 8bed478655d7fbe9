import type { Knex } from "knex";
import type { RedisServer } from "../../../core/testing/redis-server.ts";
import { hasRedisServer, startRedisServer } from "../../../core/testing/redis-server.ts";
import type { Fleet } from "../flow/fleet.ts";
import { startFleet } from "../flow/fleet.ts";
import type { FlowWorld } from "../flow/flow-world.ts";
import { createFlowWorld } from "../flow/flow-world.ts";
import type { Memory } from "../testing/memory-probe.ts";
import { createMemoryProbe } from "../testing/memory-probe.ts";
import type { ModuleEdit } from "../testing/module-mutant.ts";
import { toModuleMutant } from "../testing/module-mutant.ts";
import type { AppNode } from "../testing/start-app-node.ts";
import { startAppNode } from "../testing/start-app-node.ts";
import type { TcpProxy } from "../testing/tcp-proxy.ts";
import { startTcpProxy, throughProxy } from "../testing/tcp-proxy.ts";

export type SoakWorldOptions = {
	readonly seed: number;
	/** Beside the one that is never killed. */
	readonly mortals: number;
	readonly spares: number;
	readonly leaseTtlMs: number;
	readonly gapMs: (random: () => number) => number;
	readonly edits?: readonly ModuleEdit[];
	readonly breakDatabase?: (db: Knex) => Promise<void>;
};

/** Nodes, and everything round them that can be taken away from them. */
export type SoakWorld = {
	readonly flow: FlowWorld;
	/** Between every node and PostgreSQL; the proof's own looks go past it. */
	readonly wire: TcpProxy;
	/** Undefined where this machine has none. */
	readonly redis: RedisServer | undefined;
	readonly fleet: Fleet;
	/** Lives through it all, so that one can see what it keeps. */
	readonly keeper: AppNode;
	/** Every node that takes requests. */
	nodes(): readonly AppNode[];
	readMemory(): Promise<Memory>;
	close(): Promise<void>;
};

export async function createSoakWorld(options: SoakWorldOptions): Promise<SoakWorld> {
	const undo: (() => Promise<unknown>)[] = [];
	const close = async (): Promise<void> => {
		for (const step of undo.splice(0).reverse()) await step();
	};
	try {
		return await openWorld(options, undo, close);
	} catch (error) {
		await close();
		throw error;
	}
}

async function openWorld(
	options: SoakWorldOptions,
	undo: (() => Promise<unknown>)[],
	close: () => Promise<void>,
): Promise<SoakWorld> {
	const { seed, leaseTtlMs, gapMs, mortals, spares } = options;
	const flow = await createFlowWorld({
		seed,
		gapMs,
		needsCluster: true,
		env: { LOG_LEVEL: "warn", LEASE_TTL_MS: String(leaseTtlMs) },
	});
	undo.push(flow.close);
	await options.breakDatabase?.(flow.db);
	const databaseUrl = flow.cluster?.url ?? "";
	const wire = await startTcpProxy(databaseUrl);
	undo.push(wire.close);
	const redis = hasRedisServer() ? await startRedisServer() : undefined;
	undo.push(async () => await redis?.stop());

	const mutant = toModuleMutant(options.edits ?? []);
	const env = (name: number | string): Record<string, string> => ({
		...flow.env(name),
		...mutant.env,
		DATABASE_URL: throughProxy(databaseUrl, wire),
		...(redis !== undefined && { REDIS_URL: redis.url }),
	});
	const probe = createMemoryProbe(flow.directory);
	const keeper = startAppNode({
		env: { ...env("keeper"), ...probe.env },
		flags: [...probe.flags, ...mutant.flags],
	});
	undo.push(keeper.kill);
	const { url } = await keeper.ready;
	const fleet = startFleet({ size: mortals, spares, env, flags: mutant.flags });
	undo.push(async () => await fleet.stop("at once"));
	await fleet.untilUp(mortals);
	await fleet.untilSpared();
	flow.balance(() => {
		const urls = [url, ...fleet.urls];
		return urls[Math.trunc(flow.random() * urls.length)];
	});
	return {
		flow,
		wire,
		redis,
		fleet,
		keeper,
		nodes: () => [keeper, ...fleet.up],
		readMemory: async () => await probe.read(keeper),
		close,
	};
}
