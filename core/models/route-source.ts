import type { Knex } from "knex";
import { readRouteTable } from "../db/providers.ts";
import type { RouteTable } from "./route-table.ts";

/** The provider table and its keys as of a few seconds ago. */
export type RouteSource = {
	/** At most CACHE_MS old. @throws what the database says when it is away for longer than STALE_MS_MAX. */
	current(): Promise<RouteTable>;
	/** "" where the provider has none; undefined: it has one that cannot be read, so it is not to be called. */
	apiKeyOf(providerId: string): string | undefined;
	/** Reads again at the next use; for those who hear of a change. */
	reload(): void;
};

export type RouteSourceDeps = {
	readonly db: Knex;
	readonly getSecret: (id: string) => Promise<string>;
	/** A key that cannot be read, or a database that is away. */
	readonly onTrouble: (message: string, error: unknown) => void;
	/** Milliseconds of a clock that never goes back. */
	readonly now?: () => number;
};

type Snapshot = {
	readonly table: RouteTable;
	readonly keys: ReadonlyMap<string, string>;
	readonly readAt: number;
};

const CACHE_MS = 5_000;
/** A table this old is still better than no answer while the database is away. */
const STALE_MS_MAX = 60_000;
/** Not every call shall wait for a database that is away. */
const RETRY_MS = 1_000;

export function createRouteSource(deps: RouteSourceDeps): RouteSource {
	const { now = () => performance.now() } = deps;
	let snapshot: Snapshot | undefined;
	let reading: Promise<Snapshot> | undefined;
	let isStale = false;
	let retryAt = 0;
	const unreadable = new Set<string>();

	async function read(): Promise<Snapshot> {
		const readAt = now();
		isStale = false;
		const table = await readRouteTable(deps.db);
		return { table, keys: await readKeys(table, deps, unreadable), readAt };
	}

	/** One read at a time, whoever asks. */
	async function refresh(): Promise<Snapshot> {
		reading ??= read().finally(() => {
			reading = undefined;
		});
		snapshot = await reading;
		return snapshot;
	}

	return {
		reload() {
			isStale = true;
		},
		apiKeyOf: (providerId) => snapshot?.keys.get(providerId),
		async current() {
			if (snapshot !== undefined && !isStale && now() - snapshot.readAt < CACHE_MS) return snapshot.table;
			if (snapshot !== undefined && now() < retryAt) return snapshot.table;
			try {
				return (await refresh()).table;
			} catch (error) {
				if (snapshot === undefined || now() - snapshot.readAt > STALE_MS_MAX) throw error;
				retryAt = now() + RETRY_MS;
				deps.onTrouble("the provider table could not be read; going on with the last one", error);
				return snapshot.table;
			}
		},
	};
}

/** `unreadable` remembers what was reported, so that it is reported once. */
async function readKeys(
	table: RouteTable,
	{ getSecret, onTrouble }: RouteSourceDeps,
	unreadable: Set<string>,
): Promise<ReadonlyMap<string, string>> {
	const keys = new Map<string, string>();
	const providers = new Map(table.routes.map(({ provider }) => [provider.providerId, provider]));
	for (const { providerId, secretId } of providers.values()) {
		try {
			keys.set(providerId, secretId === undefined ? "" : await getSecret(secretId));
			unreadable.delete(providerId);
		} catch (error) {
			// One unreadable key must not take the others with it.
			if (!unreadable.has(providerId)) onTrouble(`the key of provider ${providerId} cannot be read`, error);
			unreadable.add(providerId);
		}
	}
	return keys;
}
