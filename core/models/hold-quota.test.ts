import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { AppError } from "../errors.ts";
import type { ModelsWorld } from "../testing/models-world.ts";
import { createModelsWorld } from "../testing/models-world.ts";
import type { ScriptedAnswer } from "../testing/scripted-provider.ts";
import { createScriptedProvider } from "../testing/scripted-provider.ts";

let world: ModelsWorld;
let answer: ScriptedAnswer = {};
beforeAll(async () => {
	world = await createModelsWorld(() => [createScriptedProvider(() => answer)]);
	await world.setRoutes({ providerId: "one" });
});
afterAll(async () => await world.destroy());

const broken: ScriptedAnswer = { pieces: [], error: new AppError("ROUTER_NO_PROVIDER", "broken") };

test("a call that was given back is made again under its own number, as often as nodes hand it on; once charged it is over", async () => {
	const accountId = await world.openAccount({ dailyTokens: 5_000 });
	const models = world.createModels();
	const request = world.request(accountId, { callId: "17:1" });
	const call = async () => await models.call(request, AbortSignal.timeout(5_000));
	answer = broken;
	await expect(call()).rejects.toMatchObject({ code: "ROUTER_NO_PROVIDER" });
	await expect(call()).rejects.toMatchObject({ code: "ROUTER_NO_PROVIDER" });
	answer = {};
	const first = await call();
	// Not committed yet, as before a crash: the same call goes on with what it holds.
	const again = await call();
	expect(again.settlement.reservationId).toBe(first.settlement.reservationId);
	await world.commit(again);
	await expect(call()).rejects.toMatchObject({ code: "INTERNAL" });
	const states = await world
		.db("ledger_reservations")
		.where({ account_id: accountId })
		.orderBy("created_at")
		.pluck("state");
	expect(states).toEqual(["voided", "voided", "posted"]);
	expect(await world.violations()).toEqual([]);
});
