import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createOpenAiProvider } from "../providers/openai-compatible.ts";
import type { FakeProviderServer } from "../testing/fake-provider-server.ts";
import { createFakeProviderServer } from "../testing/fake-provider-server.ts";
import type { ModelsWorld } from "../testing/models-world.ts";
import { createModelsWorld } from "../testing/models-world.ts";

let world: ModelsWorld;
let server: FakeProviderServer;

beforeAll(async () => {
	world = await createModelsWorld((egress) => [createOpenAiProvider({ egress })]);
	server = await createFakeProviderServer();
	await world.setRoutes({ providerId: "vendor", baseUrl: server.baseUrl("openai") });
});
afterAll(async () => {
	await server.close();
	await world.destroy();
});

test("what no database takes is replaced as it comes, so that what is shown is what is stored", async () => {
	const models = world.createModels();
	server.answerNext({ kind: "text", pieces: ["a\0b", "\ud83d", "\ude00", " \ud83d"] });
	const shown: string[] = [];
	const accountId = await world.openAccount({ dailyTokens: 100_000 });
	const observer = { onText: (text: string) => shown.push(text) };
	const result = await models.call(world.request(accountId), new AbortController().signal, observer);
	await world.commit(result);
	models.close();
	expect(result.text).toBe("a\ufffdb😀 \ufffd");
	expect(shown.join("").toWellFormed()).toBe(result.text);
});
