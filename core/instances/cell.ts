/** One place an instance may live in at its runtime: a container, a process, a pod. Made anew for every generation. */
export type Cell = {
	/** As toCellName made it. */
	readonly name: string;
	/** From its labels; undefined: it was not made by us, and is never touched. */
	readonly instanceId: string | undefined;
	readonly generation: number | undefined;
	readonly state: CellState;
	/** Of a cell that has exited. */
	readonly exitCode?: number;
	/** It was ended because it wanted more memory than it may have. */
	readonly isOutOfMemory?: boolean;
};

/** created: there, and never started. exited: whatever it was that ended it. */
export type CellState = "created" | "running" | "exited";

/** What a cell says of itself over its probes. */
export type Health = {
	/** The process answers. */
	readonly isLive: boolean;
	/** It has come up. */
	readonly isStarted: boolean;
	/** All of it works. */
	readonly isReady: boolean;
	/** Why not, as far as it says. */
	readonly why?: string;
};

/** What is there, asked of the runtime just now. away: nobody can say, so nothing is done. */
export type Observation =
	| { readonly kind: "away"; readonly why: string }
	| {
			readonly kind: "seen";
			/** All with this instance's label, and whoever else has the name of its present generation. */
			readonly cells: readonly Cell[];
			/** Of the running cell of the present generation. */
			readonly health: Health | undefined;
			/** Of what a cell is made of; asked where none of the present generation runs. */
			readonly release?: Release;
	  };

/** What cells are made of, be it an image or what is installed. */
export type Release =
	| { readonly kind: "there" }
	/** On its way; `why` says how far, for its owner's eyes. */
	| { readonly kind: "coming" | "failed"; readonly why: string };

/** The same on every node, so that whoever comes second finds what the first one made. */
export function toCellName(instanceId: string, generation: number): string {
	return `oc-${instanceId}-g${generation}`;
}
