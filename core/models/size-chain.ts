import type { ModelSize, RouteTarget } from "./model-call.ts";
import type { Route } from "./route-table.ts";

const SIZES: readonly ModelSize[] = ["big", "middle", "small"];

/**
 * Where a call for a size goes: the size itself, then each smaller one (source: contract, "opus -> sonnet -> haiku -> error");
 * after the best place of each size the other places, in the same order. `routes` come best first.
 */
export function toSizeChain(
	routes: readonly Route[],
	{ size, models }: Extract<RouteTarget, { kind: "size" }>,
): readonly Route[] {
	const sizes = SIZES.slice(SIZES.indexOf(size));
	const lists = sizes.map((one) =>
		models === undefined ? ofOwnSize(routes, one) : routes.filter(({ model }) => model === models[one]),
	);
	const ranks = Math.max(0, ...lists.map(({ length }) => length));
	const chain = new Set<Route>();
	for (let rank = 0; rank < ranks; rank += 1) {
		for (const list of lists) {
			const route = list[rank];
			if (route !== undefined) chain.add(route);
		}
	}
	return [...chain];
}

/** Of each provider its best model, the one in the middle or its least. */
function ofOwnSize(routes: readonly Route[], size: ModelSize): readonly Route[] {
	const byProvider = Map.groupBy(routes, ({ provider }) => provider.providerId);
	return [...byProvider.values()].flatMap((own) => {
		const sorted = own.toSorted((a, b) => b.quality - a.quality);
		const last = sorted.length - 1;
		return sorted[size === "big" ? 0 : size === "small" ? last : last >> 1] ?? [];
	});
}
