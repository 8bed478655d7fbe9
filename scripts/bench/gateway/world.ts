import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Knex } from "knex";
import { createDb } from "../../../core/db/connect.ts";
import type { Child } from "../pipeline/child.ts";
import { startChild } from "../pipeline/child.ts";
import type { Cores } from "../pipeline/cores.ts";
import { findServerPid } from "../pipeline/cores.ts";
import { createScratchDatabase } from "../scratch-database.ts";
import type { InstalledPeers } from "./peers.ts";
import { startPortkey, startRouter } from "./peers.ts";
import type { QuestionDialect } from "./questions.ts";
import { seedCallers } from "./seed-callers.ts";
import { startUpstream } from "./start-upstream.ts";

export type VariantName = "direct" | "floor" | "ours" | "portkey" | "router";

/** One way to the vendor. */
export type Variant = {
	readonly pid: number;
	readonly port: number;
	readonly headers: readonly string[];
	readonly keyHeaders: Readonly<Record<QuestionDialect, string>>;
	readonly keys: readonly string[];
};

/** Everything that is measured, up at the same time, and what loads it. */
export type GatewayWorld = {
	readonly variants: ReadonlyMap<VariantName, Variant>;
	readonly load: Child;
	/** Our program. */
	readonly ours: Child;
	readonly db: Knex;
	/** Of the database; undefined where it runs elsewhere. */
	readonly serverPid: number | undefined;
	readonly upstream: "c" | "node";
	/** Programs that have had traffic. */
	readonly isWarm: Set<VariantName>;
	close(): Promise<void>;
};

export type WorldOptions = {
	readonly cores: Cores | undefined;
	readonly callers: number;
	readonly peers: InstalledPeers;
	/** Flags of Node for our program. */
	readonly nodeFlags: readonly string[];
};

const NO_KEYS = { keys: [], keyHeaders: { openai: "", anthropic: "" } } as const;

/** Programs under test share one core: only one of them has anything to do at a time. */
export async function openWorld(options: WorldOptions): Promise<GatewayWorld> {
	const { cores, callers, peers, nodeFlags } = options;
	const ends: (() => Promise<unknown>)[] = [];
	const close = async (): Promise<void> => {
		for (const end of ends.splice(0).reverse()) await end();
	};
	try {
		const directory = await mkdtemp(join(tmpdir(), "rockpool-bench-"));
		ends.push(async () => await rm(directory, { recursive: true, force: true }));
		const scratch = await createScratchDatabase();
		ends.push(async () => await scratch.destroy());
		const db = createDb(scratch.url, { poolMax: 2 });
		ends.push(async () => await db.destroy());
		const upstream = await startUpstream(directory);
		ends.push(async () => await upstream.stop());
		const start = (name: string, core?: number, flags: readonly string[] = []): Child => {
			const child = startChild(`../gateway/${name}`, { core, nodeFlags: flags });
			ends.push(async () => await child.stop());
			return child;
		};
		const load = start("load");
		const origin = `http://127.0.0.1:${upstream.port}`;
		const keys = await seedCallers(db, { callers, baseUrl: `${origin}/v1` });
		const core = cores?.program;
		const floor = start("koa-target", core);
		const ours = start("own-target", core, ["--expose-gc", ...nodeFlags]);
		const variants = new Map<VariantName, Variant>();
		variants.set("direct", { pid: upstream.pid, port: upstream.port, headers: [], ...NO_KEYS });
		const floorAt = await floor.call<{ port: number }>("start", { origin });
		variants.set("floor", { pid: floor.pid, port: floorAt.port, headers: [], ...NO_KEYS });
		const oursAt = await ours.call<{ port: number }>("start", { databaseUrl: scratch.url });
		const keyHeaders = { openai: "authorization: Bearer ", anthropic: "x-api-key: " };
		variants.set("ours", { pid: ours.pid, port: oursAt.port, headers: [], keys, keyHeaders });
		if (peers.has.has("portkey")) {
			const portkey = await startPortkey(peers.directory, core);
			ends.push(async () => await portkey.stop());
			const headers = [
				"x-portkey-provider: openai",
				`x-portkey-custom-host: ${origin}/v1`,
				"authorization: Bearer none",
			];
			variants.set("portkey", { pid: portkey.pid, port: portkey.port, headers, ...NO_KEYS });
		}
		if (peers.has.has("router")) {
			const router = await startRouter({ directory: peers.directory, origin }, core);
			ends.push(async () => await router.stop());
			const headers = ["anthropic-version: 2023-06-01"];
			variants.set("router", { pid: router.pid, port: router.port, headers, ...NO_KEYS });
		}
		const serverPid = await findServerPid(db);
		return { variants, load, ours, db, serverPid, upstream: upstream.kind, isWarm: new Set(), close };
	} catch (error) {
		await close();
		throw error;
	}
}
