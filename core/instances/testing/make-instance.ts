import type { Knex } from "knex";
import { joinAs, makeSender, subscribe } from "../../testing/people.ts";
import type { InstanceHouse } from "../create-instance.ts";
import { createInstance } from "../create-instance.ts";

/** A house with room for many. */
export const TEST_HOUSE: InstanceHouse = {
	...{ region: "here", host: "test", kind: "openclaw", release: "openclaw@2026.9.6", liveMax: 1_000 },
};

/** An instance of an account of its own, as if it were in this phase. */
export async function makeInstance(
	db: Knex,
	phase = "ready",
): Promise<{ readonly accountId: string; readonly instanceId: string; readonly userId: string }> {
	const sender = makeSender();
	const accountId = await subscribe(db, await joinAs(db, sender));
	const { instanceId } = await createInstance(db, TEST_HOUSE, { accountId });
	await db("instances").where({ id: instanceId }).update({ phase, deploy_until: null });
	return { accountId, instanceId, userId: sender.userId };
}
