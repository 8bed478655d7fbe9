import type { Knex } from "knex";
import { listPlans } from "../db/plans.ts";
import type { Plan } from "./plan.ts";

const CACHE_MS = 5_000;

/** The price list, read at most once in 5 s; an edit in the panel shows that soon. `nowMs` is any monotonic clock. */
export function createPlans(
	db: Knex,
	nowMs: () => number = () => performance.now(),
): () => Promise<readonly Plan[]> {
	let cached: { readonly plans: Promise<readonly Plan[]>; readonly untilMs: number } | undefined;
	return async () => {
		if (cached === undefined || nowMs() >= cached.untilMs) {
			const plans = listPlans(db);
			const entry = { plans, untilMs: nowMs() + CACHE_MS };
			cached = entry;
			// A failed read is not remembered.
			plans.catch(() => {
				if (cached === entry) cached = undefined;
			});
		}
		return await cached.plans;
	};
}
