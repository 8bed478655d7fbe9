import type { Knex } from "knex";
import { loadCatalog } from "../db/agents.ts";
import type { Catalog } from "./agent.ts";

const CACHE_MS = 5_000;

/** Agents and skills, read at most once in 5 s. `nowMs` is any monotonic clock. */
export function createCatalog(
	db: Knex,
	nowMs: () => number = () => performance.now(),
): () => Promise<Catalog> {
	let cached: { readonly catalog: Promise<Catalog>; readonly untilMs: number } | undefined;
	return async () => {
		if (cached === undefined || nowMs() >= cached.untilMs) {
			const entry = { catalog: loadCatalog(db), untilMs: nowMs() + CACHE_MS };
			cached = entry;
			// A failed read is not remembered.
			entry.catalog.catch(() => {
				if (cached === entry) cached = undefined;
			});
		}
		return await cached.catalog;
	};
}
