import { eventually } from "../../../core/testing/eventually.ts";
import type { Node } from "../../compose/boot-node.ts";
import type { Env } from "../testing/app-world.ts";
import type { TelegramWorld } from "../testing/telegram-world.ts";
import { createTelegramWorld } from "../testing/telegram-world.ts";
import { plantStub } from "./plant-stub.ts";

/** Until an instance is what was wanted of it, on a busy machine. */
export const UP_MS = 30_000;

export type InstanceWorld = TelegramWorld & {
	readonly node: Node;
	/** Ends all instances first. @returns what the ledger complains of */
	end(): Promise<readonly unknown[]>;
};

/** A world whose one node makes instances of the stub, as processes unless told otherwise, with a vendor who says "four". */
export async function openInstanceWorld(env: Env = { INSTANCES: "process" }): Promise<InstanceWorld> {
	const world = await createTelegramWorld({
		...{ INSTANCE_WARM: "0", PROVIDER_FIRST_BYTE_TIMEOUT_MS: "5000" },
		...env,
	});
	const vendor = await world.addProvider({ id: "vendor" });
	vendor.answerAlways({ kind: "text", pieces: ["four"] });
	await plantStub(world.dataDir);
	// Tests ask more often than programs may.
	const node = await world.startNode({}, { chatLimits: { requestsPerMinute: 100_000 } });
	return {
		...world,
		node,
		async end() {
			await world.db.raw(
				"update instances set desired = 'deleted', purge_at = now(), next_at = now(), wish = wish + 1",
			);
			await eventually(
				async () => (await world.db("instances").whereNot("phase", "purged").first("id")) === undefined,
				UP_MS,
			);
			const { rows } = await world.db.raw<{ rows: unknown[] }>("select * from violations");
			await world.close();
			return rows;
		},
	};
}
