import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { createOpenAiProvider } from "../providers/openai-compatible.ts";
import type { FakeProviderServer } from "../testing/fake-provider-server.ts";
import { createFakeProviderServer } from "../testing/fake-provider-server.ts";
import type { ModelsWorld } from "../testing/models-world.ts";
import { createModelsWorld } from "../testing/models-world.ts";
import type { ModelCallRequest, ModelCallResult, Models } from "./model-call.ts";

const never = new AbortController().signal;
const patient = { planId: "free", priority: 5, concurrency: 8, busyStrategy: "lowest_priority" } as const;

let world: ModelsWorld;
let server: FakeProviderServer;
let models: Models & { close(): void };
let accountId: string;

beforeAll(async () => {
	world = await createModelsWorld((egress) => [createOpenAiProvider({ egress })]);
});
afterAll(async () => await world.destroy());
beforeEach(async () => {
	server = await createFakeProviderServer();
	await world.setRoutes({ providerId: "only", baseUrl: server.baseUrl("openai") });
	accountId = await world.openAccount({ dailyTokens: 100_000 });
	models = world.createModels();
	await world.db.raw("delete from usage_log");
});
afterEach(async () => {
	models.close();
	await server.close();
	expect(await world.violations()).toEqual([]);
});

async function call(more: Partial<ModelCallRequest> = {}): Promise<ModelCallResult> {
	const result = await models.call(world.request(accountId, more), never);
	await world.commit(result);
	return result;
}

test("with nowhere else to go, a connection that broke before the answer is tried once more", async () => {
	server.answerNext({ kind: "drop" });
	expect(await call({ plan: patient })).toMatchObject({
		text: "hello",
		outcome: "complete",
	});
	server.answerAlways({ kind: "drop" });
	await expect(call()).rejects.toMatchObject({ code: "ROUTER_NO_PROVIDER" });
	expect(server.requests).toHaveLength(4);
});

test("kept connections that break as they are used again say nothing of the provider, however many", async () => {
	let asked = 0;
	server.answerAlways(() => {
		asked += 1;
		return asked % 2 === 1 ? { kind: "drop" } : { kind: "text" };
	});
	for (let calls = 0; calls < 12; calls += 1) expect(await call()).toMatchObject({ text: "hello" });
	expect(asked).toBe(24);
	expect(await world.usageRows()).toHaveLength(12);
});
