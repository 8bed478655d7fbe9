import type { Knex } from "knex";
import type { InstanceKind } from "../accounts/account.ts";
import type { InstanceEvent, InstanceView } from "../db/instance-views.ts";
import { findInstance, listInstanceEvents, listInstances } from "../db/instance-views.ts";
import type { WishTarget } from "../db/instance-wishes.ts";
import { wishDeleted, wishKilled, wishRunning, wishStopped } from "../db/instance-wishes.ts";
import { AppError } from "../errors.ts";
import { toCellName } from "./cell.ts";
import type { InstanceHouse } from "./create-instance.ts";
import { createInstance } from "./create-instance.ts";
import { FIGURES } from "./figures.ts";
import type { CellUse, Runtime } from "./runtime.ts";
import { within } from "./within.ts";

/** What can be wanted of an instance that is there. kill: as stop, at once. */
export type InstanceChange = "start" | "stop" | "restart" | "kill" | "delete";

/** Whose, and which. */
export type InstanceRef = { readonly accountId: string; readonly instanceId: string };

/** What owners of instances can ask for; the same for chat, HTTP and the panel. */
export type InstanceDesk = {
	/**
	 * However often it is asked for at once, there is one.
	 *
	 * @throws AppError as `createInstance`; FORBIDDEN (details.reason "no-instances") where this house has none
	 */
	create(wish: {
		readonly accountId: string;
		readonly instanceKind: InstanceKind | undefined;
		readonly region?: string | undefined;
	}): Promise<{ readonly instance: InstanceView; readonly isNew: boolean }>;
	/** Newest first, without those that are gone. */
	list(accountId: string): Promise<readonly InstanceView[]>;
	/** @throws AppError INSTANCE_NOT_FOUND */
	find(ref: InstanceRef): Promise<InstanceView>;
	/** Says what is wanted; that it came true is seen at `find`. @throws AppError INSTANCE_NOT_FOUND */
	change(ref: InstanceRef, change: InstanceChange): Promise<InstanceView>;
	/** The last lines it wrote, at most so many. @throws AppError INSTANCE_NOT_FOUND, INSTANCE_PROVISIONING (none yet, or not from here) */
	logs(ref: InstanceRef, linesMax: number): Promise<readonly string[]>;
	/** What it uses now; undefined: it does not run, or not where this node could look. @throws AppError INSTANCE_NOT_FOUND */
	use(ref: InstanceRef): Promise<CellUse | undefined>;
	/** What happened to it, the last first. @throws AppError INSTANCE_NOT_FOUND */
	events(ref: InstanceRef, page: EventPage): Promise<readonly InstanceEvent[]>;
};

export type EventPage = { readonly limit: number; readonly beforeId?: string | undefined };

export type DeskDeps = {
	readonly db: Knex;
	/** Undefined: no instances are made here. */
	readonly house: InstanceHouse | undefined;
	/** By host: those this node reaches. */
	readonly runtimes: ReadonlyMap<string, Runtime>;
	/** Ends what an instance could spend with and is called by, once it is not wanted any more. */
	readonly dropSecrets: (instanceId: string) => Promise<void>;
	/** Something is wanted: whoever looks after instances need not wait for the next time. */
	readonly onWish: () => void;
};

/** Source: contract, "Lifecycle figures". */
const KEPT_MS = 30 * 86_400_000;
const RUNTIME_MS_MAX = 5_000;
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function createInstanceDesk(deps: DeskDeps): InstanceDesk {
	const { db, house, runtimes, onWish } = deps;

	async function find({ accountId, instanceId }: InstanceRef): Promise<InstanceView> {
		const found = ID.test(instanceId) ? await findInstance(db, { accountId, instanceId }) : undefined;
		if (found === undefined || found.phase === "purged") {
			throw new AppError("INSTANCE_NOT_FOUND", "no such instance of this account");
		}
		return found;
	}

	return {
		async create(wish) {
			if (house === undefined) {
				throw new AppError("FORBIDDEN", "no instances are made here", {
					details: { reason: "no-instances" },
				});
			}
			const { instanceId, isNew } = await createInstance(db, house, wish);
			onWish();
			return { instance: await find({ accountId: wish.accountId, instanceId }), isNew };
		},
		list: async (accountId) => await listInstances(db, accountId),
		find,
		async change(ref, change) {
			await find(ref);
			const isTaken = await wish(db, ref, change);
			if (change === "delete") await deps.dropSecrets(ref.instanceId);
			onWish();
			if (!isTaken && change !== "delete") {
				throw new AppError("INSTANCE_NOT_FOUND", "it is being deleted");
			}
			return await find(ref);
		},
		async logs(ref, linesMax) {
			const { id, generation, host } = await find(ref);
			const runtime = runtimes.get(host);
			if (runtime === undefined)
				throw new AppError("INSTANCE_PROVISIONING", "its host is not reached from here");
			return await within(runtime.logs(toCellName(id, generation), linesMax), RUNTIME_MS_MAX);
		},
		async use(ref) {
			const { id, generation, host } = await find(ref);
			const runtime = runtimes.get(host);
			return runtime === undefined
				? undefined
				: await within(runtime.use(toCellName(id, generation)), RUNTIME_MS_MAX);
		},
		async events(ref, page) {
			const { id } = await find(ref);
			return await listInstanceEvents(db, { ...page, instanceId: id });
		},
	};
}

async function wish(db: Knex, target: WishTarget, change: InstanceChange): Promise<boolean> {
	switch (change) {
		case "start":
			return await wishRunning(db, target, { deployMs: FIGURES.deployMs });
		case "restart":
			return await wishRunning(db, target, { deployMs: FIGURES.deployMs, isNew: true });
		case "stop":
			return await wishStopped(db, target);
		case "kill":
			return await wishKilled(db, target);
		case "delete":
			return await wishDeleted(db, target, { keptMs: KEPT_MS });
	}
}
