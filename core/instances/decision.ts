import type { Phase } from "./instance.ts";
import type { Watch } from "./watch.ts";

/** What is done to the runtime. All of it may be done twice, and whether it worked is seen at the next look alone. */
export type Action =
	| { readonly kind: "create" | "configure" | "mend" | "start" | "purge" }
	| { readonly kind: "stop" | "kill" | "remove"; readonly cell: string };

/** What its owner or an operator may want to know of. */
export type NoteKind =
	| "ready"
	| "degraded"
	| "stopped"
	| "gone"
	| "purged"
	| "failed"
	| "ended"
	| "restarted"
	| "recreated"
	| "crashloop"
	| "name-taken"
	| "unknown";

export type Note = { readonly kind: NoteKind; readonly why?: string };

/** What follows from one look: at most one action, and what is to be remembered. */
export type Plan = {
	readonly action?: Action;
	readonly phase: Phase;
	readonly watch: Watch;
	/** Another one than it had: the next look makes a cell of it, once nothing of the last one is left. */
	readonly generation: number;
	/** It is deployed, or given up: the deadline is over. */
	readonly isDeployed?: boolean;
	/** When it is looked at again, unless something happens before. */
	readonly nextAtMs: number;
	readonly notes: readonly Note[];
};

export type Moment = {
	readonly nowMs: number;
	/** -1 to 1: spreads what would otherwise come at the same time. */
	readonly jitter: number;
};
