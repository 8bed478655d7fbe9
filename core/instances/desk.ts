import type { Knex } from "knex";
import type { SamplePoint, SampleStep } from "../db/instance-samples.ts";
import { listSamples } from "../db/instance-samples.ts";
import type { InstanceEvent, InstanceView } from "../db/instance-views.ts";
import { findInstance, listInstanceEvents, listInstances } from "../db/instance-views.ts";
import type { WishTarget } from "../db/instance-wishes.ts";
import { wishDeleted, wishKilled, wishRenewed, wishRunning, wishStopped } from "../db/instance-wishes.ts";
import { AppError } from "../errors.ts";
import { crashPoint } from "../inbox/crash-point.ts";
import { toCellName } from "./cell.ts";
import type { InstanceHouse, InstanceWish } from "./create-instance.ts";
import { createInstance } from "./create-instance.ts";
import { FIGURES } from "./figures.ts";
import type { InstanceStatus } from "./instance.ts";
import { toStatus } from "./instance.ts";
import type { InstanceSafe } from "./instance-secrets.ts";
import type { CellUse, Runtime } from "./runtime.ts";
import { within } from "./within.ts";

/** What can be wanted of an instance that is there. kill: as stop, at once. */
export type InstanceChange = "start" | "stop" | "restart" | "kill" | "delete";

/** Whose, and which. */
export type InstanceRef = { readonly accountId: string; readonly instanceId: string };

/** With what its owner is told of it. */
export type Instance = InstanceView & { readonly status: InstanceStatus };

/** What owners of instances can ask for; the same for chat, HTTP and the panel. */
export type InstanceDesk = {
	/**
	 * However often it is asked for at once, there is one.
	 *
	 * @throws AppError as `createInstance`; FORBIDDEN (details.reason "no-instances") where this house has none
	 */
	create(wish: Pick<InstanceWish, "accountId" | "region" | "name">): Promise<{
		readonly instance: Instance;
		/** False where the account had one already: that is answered. */
		readonly isNew: boolean;
	}>;
	/** Newest first, without those that are gone. */
	list(accountId: string): Promise<readonly Instance[]>;
	/** @throws AppError INSTANCE_NOT_FOUND */
	find(ref: InstanceRef): Promise<Instance>;
	/** Says what is wanted; that it came true is seen at `find`. @throws AppError INSTANCE_NOT_FOUND */
	change(ref: InstanceRef, change: InstanceChange): Promise<Instance>;
	/**
	 * New secrets for it: what it had before opens nothing any more, and it is made anew over the same data to know the new ones.
	 *
	 * @throws AppError INSTANCE_NOT_FOUND
	 */
	renewKeys(ref: InstanceRef): Promise<Instance>;
	/** The last lines it wrote, at most so many. @throws AppError INSTANCE_NOT_FOUND, INSTANCE_PROVISIONING (none yet, or not from here) */
	logs(ref: InstanceRef, linesMax: number): Promise<readonly string[]>;
	/** What it uses now; undefined: it does not run, or not where this node could look. @throws AppError INSTANCE_NOT_FOUND */
	use(ref: InstanceRef): Promise<CellUse | undefined>;
	/** What it used over time, oldest first. @throws AppError INSTANCE_NOT_FOUND */
	series(ref: InstanceRef, wish: SeriesWish): Promise<readonly SamplePoint[]>;
	/** What happened to it, the last first. @throws AppError INSTANCE_NOT_FOUND */
	events(ref: InstanceRef, page: EventPage): Promise<readonly InstanceEvent[]>;
};

/** step: seconds a point stands for. */
export type SeriesWish = { readonly step: SampleStep; readonly since: Date; readonly limit: number };

export type EventPage = { readonly limit: number; readonly beforeId?: string | undefined };

export type DeskDeps = {
	readonly db: Knex;
	/** Undefined: no instances are made here. */
	readonly house: InstanceHouse | undefined;
	/** By host: those this node reaches. */
	readonly runtimes: ReadonlyMap<string, Runtime>;
	/** Ends what an instance could spend with and is called by, once it is not wanted any more. */
	readonly dropSecrets: InstanceSafe["drop"];
	readonly renewSecrets: InstanceSafe["renew"];
	/** Nobody is shown them, whatever an instance writes. */
	readonly findSecrets: InstanceSafe["find"];
	/** Something is wanted: whoever looks after instances need not wait for the next time. */
	readonly onWish: () => void;
};

/** Source: contract, "Lifecycle figures". */
const KEPT_MS = 30 * 86_400_000;
const RUNTIME_MS_MAX = 5_000;
const HIDDEN = "[secret]";
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function createInstanceDesk(deps: DeskDeps): InstanceDesk {
	const { db, house, runtimes, onWish } = deps;

	async function find({ accountId, instanceId }: InstanceRef): Promise<Instance> {
		const found = ID.test(instanceId) ? await findInstance(db, { accountId, instanceId }) : undefined;
		if (found === undefined || isOver(found)) {
			throw new AppError("INSTANCE_NOT_FOUND", "no such instance of this account");
		}
		return { ...found, status: toStatus(found) };
	}

	return {
		async create(wish) {
			if (house === undefined) {
				throw new AppError("FORBIDDEN", "no instances are made here", {
					details: { reason: "no-instances" },
				});
			}
			const { instanceId, isNew } = await createInstance(db, house, wish);
			crashPoint("instance-stored");
			onWish();
			return { instance: await find({ accountId: wish.accountId, instanceId }), isNew };
		},
		async list(accountId) {
			const all = await listInstances(db, accountId);
			return all.map((one) => ({ ...one, status: toStatus(one) }));
		},
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
		async renewKeys(ref) {
			await find(ref);
			await deps.renewSecrets(ref.instanceId);
			await wishRenewed(db, ref, { deployMs: FIGURES.deployMs });
			onWish();
			return await find(ref);
		},
		async logs(ref, linesMax) {
			const { id, generation, host } = await find(ref);
			const runtime = runtimes.get(host);
			if (runtime === undefined)
				throw new AppError("INSTANCE_PROVISIONING", "its host is not reached from here");
			const lines = await within(runtime.logs(toCellName(id, generation), linesMax), RUNTIME_MS_MAX);
			const secrets = Object.values((await deps.findSecrets(id)) ?? {});
			return lines.map((line) => secrets.reduce((text, secret) => text.replaceAll(secret, HIDDEN), line));
		},
		async use(ref) {
			const { id, generation, host } = await find(ref);
			const runtime = runtimes.get(host);
			return runtime === undefined
				? undefined
				: await within(runtime.use(toCellName(id, generation)), RUNTIME_MS_MAX);
		},
		async series(ref, wished) {
			const { id } = await find(ref);
			return await listSamples(db, id, wished);
		},
		async events(ref, page) {
			const { id } = await find(ref);
			return await listInstanceEvents(db, { ...page, instanceId: id });
		},
	};
}

/** Its data is kept for a while; there is nothing its owner could do with it. */
function isOver({ desired, phase }: InstanceView): boolean {
	return desired === "deleted" && (phase === "gone" || phase === "purged");
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
