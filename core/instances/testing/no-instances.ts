import { AppError } from "../../errors.ts";
import type { InstanceDesk } from "../desk.ts";

async function refuse(): Promise<never> {
	throw new AppError("INSTANCE_NOT_FOUND", "there are none here");
}

/** Of a house without instances. */
export const NO_INSTANCES: InstanceDesk = {
	create: async () => {
		throw new AppError("FORBIDDEN", "none are made here", { details: { reason: "no-instances" } });
	},
	list: async () => [],
	find: refuse,
	change: refuse,
	renewKeys: refuse,
	logs: refuse,
	use: refuse,
	series: refuse,
	events: refuse,
};
