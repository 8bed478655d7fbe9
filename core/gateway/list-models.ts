import type { RouteTable } from "../models/route-table.ts";
import type { GatewayModel } from "./gateway.ts";
import type { KeyGrant } from "./key-grant.ts";
import { TIER_NAMES } from "./model-names.ts";

/** What this key may ask for by name: tiers and sizes, and the providers' own names where the plan allows them. */
export function listModels(table: RouteTable, grant: KeyGrant): readonly GatewayModel[] {
	const { tiers, mayNameModel, policy } = grant;
	const names = TIER_NAMES.filter((name) => tiers === undefined || tiers.includes(name));
	const own = names.map((id) => ({ id, ownedBy: "rockpool" }));
	if (!mayNameModel || (tiers !== undefined && !tiers.includes("exact"))) return own;
	const exact = table.routes
		.filter(({ provider }) => policy !== "CN_OK" || provider.region === "cn")
		.map(({ provider, model }) => ({
			id: `${provider.providerId}/${model}`,
			ownedBy: provider.providerId,
		}));
	return [...own, ...exact];
}
