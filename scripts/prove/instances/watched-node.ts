import type { Knex } from "knex";
import { createReconciler } from "../../../core/instances/reconciler.ts";
import type { Runtime } from "../../../core/instances/runtime.ts";
import type { FakeRuntime } from "../../../core/instances/testing/fake-runtime.ts";

/** One node of a history: what it changes is counted, and it can be put to sleep in the midst of it. */
export type Watched = {
	/** Resolves once it has looked at what is due, or has fallen asleep; with how many it looked at. */
	pass(): Promise<number>;
	/** At its next change it sleeps, as a stopped process does: what it is about to do it does afterwards. */
	sleep(untilMs: number): boolean;
	wake(): void;
};

export type WatchedNodeDeps = {
	readonly db: Knex;
	readonly host: string;
	readonly runtime: FakeRuntime;
	/** Changes under way by instance, of all nodes. */
	readonly busy: Map<string, number>;
	readonly onOverlap: () => void;
	readonly nowMs: () => number;
	readonly jitter: () => number;
};

const CHANGES: readonly (keyof Runtime)[] = [
	"create",
	"writeFiles",
	"start",
	"stop",
	"kill",
	"remove",
	"mend",
	"purge",
];
const ID = /[0-9a-f]{8}-[0-9a-f-]{27}/;

export function createWatchedNode(deps: WatchedNodeDeps): Watched {
	const { db, host, runtime, nowMs, jitter } = deps;
	let untilMs = 0;
	let gate: PromiseWithResolvers<void> | undefined;
	let fellAsleep = Promise.withResolvers<void>();
	let passing: Promise<number> | undefined;

	/** True: it slept, and may be about to do what is no longer its to do. */
	async function maybeSleep(): Promise<boolean> {
		if (nowMs() >= untilMs) return false;
		gate ??= Promise.withResolvers<void>();
		fellAsleep.resolve();
		await gate.promise;
		return true;
	}

	async function change(instanceId: string, work: () => Promise<unknown>): Promise<unknown> {
		if (await maybeSleep()) return await work();
		const others = deps.busy.get(instanceId) ?? 0;
		if (others > 0) deps.onOverlap();
		deps.busy.set(instanceId, others + 1);
		try {
			return await work();
		} finally {
			deps.busy.set(instanceId, (deps.busy.get(instanceId) ?? 1) - 1);
		}
	}

	const reconciler = createReconciler({
		db,
		runtimes: new Map([[host, watchRuntime(runtime, change)]]),
		probe: async (address) => await runtime.probe(address),
		describe: async () => ({ environment: {}, args: [], mendArgs: [] }),
		files: async ({ state }) => [{ path: "agent.json", content: String(state.configVersion) }],
		log: { warn: () => undefined },
		...{ nowMs, jitter, within: async (work) => await work },
	});

	return {
		async pass() {
			if (gate !== undefined && nowMs() >= untilMs) this.wake();
			passing ??= reconciler.pass().finally(() => {
				passing = undefined;
			});
			return await Promise.race([passing, fellAsleep.promise.then(() => 0)]);
		},
		sleep(until) {
			if (gate !== undefined) return false;
			untilMs = until;
			return true;
		},
		wake() {
			untilMs = 0;
			fellAsleep = Promise.withResolvers<void>();
			gate?.resolve();
			gate = undefined;
		},
	};
}

/** What changes something goes through `change`, with the instance it concerns. */
function watchRuntime(
	runtime: FakeRuntime,
	change: (instanceId: string, work: () => Promise<unknown>) => Promise<unknown>,
): Runtime {
	return new Proxy(runtime, {
		get(target, name) {
			const value: unknown = Reflect.get(target, name, target);
			if (typeof value !== "function") return value;
			const call = value.bind(target) as (...args: unknown[]) => Promise<unknown>;
			if (!CHANGES.includes(name as keyof Runtime)) return call;
			return async (...args: unknown[]) => {
				const [first] = args;
				const text = typeof first === "string" ? first : (first as { instanceId: string }).instanceId;
				return await change(ID.exec(text)?.[0] ?? text, async () => await call(...args));
			};
		},
	});
}
