import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { AppError } from "../errors.ts";
import { eventually } from "../testing/eventually.ts";
import type { ModelsWorld } from "../testing/models-world.ts";
import { createModelsWorld } from "../testing/models-world.ts";
import type { ScriptedProvider } from "../testing/scripted-provider.ts";
import { createScriptedProvider } from "../testing/scripted-provider.ts";
import type { ModelCallRequest } from "./model-call.ts";

let world: ModelsWorld;
let provider: ScriptedProvider;
/** Lets the call that "one" holds come to its end. */
let gate: PromiseWithResolvers<void>;
let failure: AppError;

beforeAll(async () => {
	world = await createModelsWorld(() => [provider]);
});
afterAll(async () => await world.destroy());
beforeEach(() => {
	gate = Promise.withResolvers();
	provider = createScriptedProvider((_, { providerId }) =>
		providerId === "one" ? { pieces: [], until: gate.promise, error: failure } : {},
	);
});

/** One call is at "one", which takes one at a time, and another waits for it; then the first one fails. */
async function failBeforeOneWhoWaits(request: Partial<ModelCallRequest>) {
	const models = world.createModels({ health: { failuresMax: 1 } });
	const signal = AbortSignal.timeout(5_000);
	const ahead = world.request(await world.openAccount({ dailyTokens: 5_000 }));
	const first = models.call(ahead, signal).catch(() => undefined);
	await eventually(() => provider.running() === 1);
	const accountId = await world.openAccount({ dailyTokens: 5_000 });
	const second = models.call(world.request(accountId, request), signal);
	await eventually(async () => {
		return (await world.db("ledger_reservations").where({ account_id: accountId })).length > 0;
	});
	gate.resolve();
	await first;
	return await second;
}

const patient = { planId: "free", priority: 9, concurrency: 1, busyStrategy: "lowest_priority" } as const;

describe("a provider that goes away while a call waits for it is not asked", () => {
	test.each([
		["asks for a pause", new AppError("ROUTER_RATE_LIMITED", "429", { details: { retryAfterMs: 50_000 } })],
		["breaks down", new AppError("ROUTER_NO_PROVIDER", "broken")],
	])("and when it %s, the next one is, on every plan", async (_, error) => {
		failure = error;
		await world.setRoutes({ providerId: "one", concurrency: 1 }, { providerId: "two" });
		const { route } = await failBeforeOneWhoWaits({ plan: patient });
		expect(route.provider).toBe("two");
		expect(provider.calls.filter(({ endpoint }) => endpoint.providerId === "one")).toHaveLength(1);
	});

	test("and where it is the only one, its pause is told", async () => {
		failure = new AppError("ROUTER_RATE_LIMITED", "429", { details: { retryAfterMs: 50_000 } });
		await world.setRoutes({ providerId: "one", concurrency: 1 });
		const refused = await failBeforeOneWhoWaits({}).catch((error: unknown) => error);
		expect(refused).toMatchObject({ code: "ROUTER_RATE_LIMITED" });
		expect((refused as AppError).details["retryAfterMs"]).toBeGreaterThan(40_000);
	});

	test("and where it is the only one and broke down, there is no provider", async () => {
		failure = new AppError("ROUTER_NO_PROVIDER", "broken");
		await world.setRoutes({ providerId: "one", concurrency: 1 });
		await expect(failBeforeOneWhoWaits({})).rejects.toMatchObject({ code: "ROUTER_NO_PROVIDER" });
	});
});
