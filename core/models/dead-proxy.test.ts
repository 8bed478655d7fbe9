import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { createOpenAiProvider } from "../providers/openai-compatible.ts";
import type { FakeProviderServer } from "../testing/fake-provider-server.ts";
import { createFakeProviderServer } from "../testing/fake-provider-server.ts";
import type { ModelsWorld } from "../testing/models-world.ts";
import { createModelsWorld } from "../testing/models-world.ts";
import type { ModelCallResult } from "./model-call.ts";

/** Nobody listens there. */
const DEAD = "http://127.0.0.1:9/v1";
const CHAIN = { big: "opus", middle: "sonnet", small: "haiku" };

let world: ModelsWorld;
let server: FakeProviderServer;
beforeAll(async () => {
	world = await createModelsWorld((egress) => [createOpenAiProvider({ egress })]);
});
afterAll(async () => await world.destroy());
beforeEach(async () => {
	server = await createFakeProviderServer();
	await world.db.raw("delete from usage_log");
});
afterEach(async () => await server.close());

/** Opus, sonnet, haiku of one provider. */
async function addTiers(providerId: string): Promise<void> {
	for (const [index, model] of Object.values(CHAIN).entries()) {
		await world.db.raw(
			`insert into provider_models (provider_id, model, quality, price_input_micro, price_output_micro, context_tokens,
				output_tokens_max) values (?, ?, ?, 100, 100, 100000, 8000)`,
			[providerId, model, 90 - index],
		);
	}
}

async function callBig(): Promise<ModelCallResult> {
	const accountId = await world.openAccount({ dailyTokens: 100_000 });
	const models = world.createModels();
	try {
		const target = { kind: "size", size: "big", models: CHAIN } as const;
		const result = await models.call(world.request(accountId, { target }), new AbortController().signal);
		await world.commit(result);
		return result;
	} finally {
		models.close();
	}
}

test("a dead proxy is a plain error, never a reason to try the next tier through it", async () => {
	await world.setRoutes({ providerId: "proxy", baseUrl: DEAD });
	await addTiers("proxy");
	await expect(callBig()).rejects.toMatchObject({
		code: "ROUTER_NO_PROVIDER",
		details: { cause: "unreachable" },
	});
	expect((await world.usageRows()).map((row) => row["model"])).toEqual(["opus"]);
});

test("another provider of the same tiers is still asked, and a living one falls from tier to tier", async () => {
	await world.setRoutes(
		{ providerId: "a", baseUrl: DEAD },
		{ providerId: "b", baseUrl: server.baseUrl("openai") },
	);
	await addTiers("a");
	await addTiers("b");
	server.answerNext({ kind: "status", status: 500 });
	expect((await callBig()).route.provider).toBe("b");
	const tried = (await world.usageRows()).map((row) => `${row["provider_id"]}/${row["model"]}`);
	expect(tried[0]).toBe("a/opus");
	expect(tried.slice(1).every((place) => place.startsWith("b/"))).toBe(true);
});
