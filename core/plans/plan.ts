import type { InstanceKind } from "../accounts/account.ts";

/** One row of the price list (source: contract, plans). */
export type Plan = {
	readonly id: string;
	readonly name: string;
	/** A month, in US cents. */
	readonly priceCents: number;
	/** Whole tokens; undefined: agreed with each account. */
	readonly dailyTokens: number | undefined;
	readonly instanceKind: InstanceKind;
	/** False: only staff give it out. */
	readonly selfService: boolean;
};

/** The plan of everybody who has no other; its id is fixed. */
export const FREE_PLAN_ID = "free";
