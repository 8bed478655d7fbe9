import type { Knex } from "knex";
import type { InstanceKind } from "../accounts/account.ts";
import { findInstanceKind } from "../db/instance-plan.ts";
import { insertInstance } from "../db/instance-views.ts";
import { AppError } from "../errors.ts";
import { FIGURES } from "./figures.ts";
import type { CellLimits } from "./runtime.ts";

/** Where instances of this house are made, and of what. */
export type InstanceHouse = {
	/** As users know it. */
	readonly region: string;
	readonly host: string;
	readonly kind: string;
	readonly release: string;
	/** At a time, all accounts together. */
	readonly liveMax: number;
};

export type InstanceWish = {
	readonly accountId: string;
	readonly slot?: number;
	/** Undefined: any. */
	readonly region?: string | undefined;
	/** As its owner calls it; of the form of a host's name. */
	readonly name?: string | undefined;
};

/** Source: contract, "Lifecycle figures". */
const DEPLOYS_AN_HOUR = 5;
const GIB = 2 ** 30;
/** What an instance of each kind may use. */
export const LIMITS: Readonly<Record<Exclude<InstanceKind, "none">, CellLimits>> = {
	shared: { cpuMillis: 1_000, memoryBytes: 2 * GIB, processesMax: 512 },
	container: { cpuMillis: 1_000, memoryBytes: 2 * GIB, processesMax: 512 },
	dedicated: { cpuMillis: 2_000, memoryBytes: 4 * GIB, processesMax: 1_024 },
	project: { cpuMillis: 2_000, memoryBytes: 4 * GIB, processesMax: 1_024 },
};

/**
 * Has an instance made for an account, by the limits of its plan. However often it is asked for at once, there is one.
 *
 * @returns isNew: false where the slot had one already
 * @throws AppError BILLING_SUBSCRIPTION_INACTIVE, FORBIDDEN (a plan without instances), REQUEST_INVALID (a region there is none
 *   in), RATE_LIMITED (details.retryAfterMs), CAPACITY_REACHED
 */
export async function createInstance(
	db: Knex,
	house: InstanceHouse,
	{ accountId, slot = 1, region = house.region, name = `agent-${slot}` }: InstanceWish,
): Promise<{ readonly instanceId: string; readonly isNew: boolean }> {
	const instanceKind = await findInstanceKind(db, accountId);
	if (instanceKind === undefined) throw new AppError("BILLING_SUBSCRIPTION_INACTIVE", "no live subscription");
	if (instanceKind === "none") {
		throw new AppError("FORBIDDEN", "the plan has no instance", {
			details: { reason: "plan-without-instance" },
		});
	}
	if (region !== house.region) {
		throw new AppError("REQUEST_INVALID", "no such region", {
			details: { reason: "field-invalid", field: "region", allowed: house.region },
		});
	}
	const outcome = await insertInstance(db, {
		...{ accountId, slot, name, region, limits: LIMITS[instanceKind] },
		...{ kind: house.kind, host: house.host, release: house.release, liveMax: house.liveMax },
		...{ deployMs: FIGURES.deployMs, hourlyMax: DEPLOYS_AN_HOUR },
	});
	if (outcome.kind === "rate") {
		throw new AppError("RATE_LIMITED", "too many instances in an hour", {
			details: { reason: "deploy-rate", retryAfterMs: outcome.retryAfterMs },
		});
	}
	if (outcome.kind === "full") throw new AppError("CAPACITY_REACHED", "as many instances as there may be");
	return { instanceId: outcome.instanceId, isNew: outcome.kind === "made" };
}
