import type { Watch } from "./watch.ts";

/** What its owner wants of it. */
export type Desired = "running" | "stopped" | "deleted";

/**
 * Where it was seen last. none: nothing yet. degraded: it lives, and says that a part of it does not work. crashloop: it ends
 * again and again, and is tried ever more rarely. failed: given up until somebody asks again. unknown: its runtime cannot be
 * asked. gone: nothing of it runs or waits; its data is still there. purged: nothing is.
 */
export type Phase =
	| "none"
	| "creating"
	| "starting"
	| "ready"
	| "degraded"
	| "crashloop"
	| "stopping"
	| "stopped"
	| "failed"
	| "unknown"
	| "deleting"
	| "gone"
	| "purged";

/** What a user and a program are told (source: contract, HTTP). */
export type InstanceStatus = "PROVISIONING" | "RUNNING" | "STOPPED" | "ERROR";

/** An instance as the reconciler sees it. Times are milliseconds since 1970. */
export type InstanceState = {
	readonly id: string;
	readonly desired: Desired;
	readonly phase: Phase;
	/** Of its cell: another one means another cell, and the old one is gone before. */
	readonly generation: number;
	/** Of its files: what it is to be, and what was last written to the present generation's place. */
	readonly configVersion: number;
	readonly configWritten: number;
	/** Until then it must be ready, while it is being deployed. */
	readonly deployUntilMs: number | undefined;
	/** When its data goes; after a deletion only. */
	readonly purgeAtMs: number | undefined;
	readonly watch: Watch;
};

const STATUSES: Readonly<Record<Phase, InstanceStatus>> = {
	none: "PROVISIONING",
	creating: "PROVISIONING",
	starting: "PROVISIONING",
	ready: "RUNNING",
	degraded: "RUNNING",
	crashloop: "ERROR",
	stopping: "STOPPED",
	stopped: "STOPPED",
	failed: "ERROR",
	unknown: "ERROR",
	deleting: "STOPPED",
	gone: "STOPPED",
	purged: "STOPPED",
};

/** What was wanted last is told at once, whatever is still under way: one that is to be made anew does not run until it has come true. */
export function toStatus({
	desired,
	phase,
	deployUntil,
}: Pick<InstanceState, "desired" | "phase"> & { readonly deployUntil: Date | undefined }): InstanceStatus {
	if (desired !== "running") return "STOPPED";
	const isOff = phase === "stopping" || phase === "stopped";
	return deployUntil !== undefined || isOff ? "PROVISIONING" : STATUSES[phase];
}
