import type { ModuleEdit } from "../testing/module-mutant.ts";

/**
 * A node that never learns that it slept, as in a machine that was paused together with its clock: nothing of its own tells it
 * that its leases are over. What is left is the token in the database.
 */
export const UNAWARE: readonly ModuleEdit[] = [
	{
		file: "core/inbox/leases.ts",
		from: '		turn.liveUntil = Number.NEGATIVE_INFINITY;\n		turn.controller.abort("fenced");\n',
		to: "		void turn;\n",
	},
	{
		file: "core/inbox/leases.ts",
		from: "isLive: (turn) => performance.now() < turn.liveUntil",
		to: "isLive: () => true",
	},
];
