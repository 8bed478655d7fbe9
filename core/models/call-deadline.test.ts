import { expect, test } from "@jest/globals";
import { createOpenAiProvider } from "../providers/openai-compatible.ts";
import { createFakeProviderServer } from "../testing/fake-provider-server.ts";
import { createModelsWorld } from "../testing/models-world.ts";

test("all tries of a call end within the time of one call", async () => {
	const world = await createModelsWorld((egress) => [createOpenAiProvider({ egress })]);
	const servers = await Promise.all(
		["first", "second", "third"].map(async () => await createFakeProviderServer()),
	);
	try {
		for (const server of servers) server.answerAlways({ kind: "hang" });
		const toRoute = (server: (typeof servers)[number], index: number) => ({
			providerId: `vendor-${index}`,
			baseUrl: server.baseUrl("openai"),
		});
		await world.setRoutes(...servers.map(toRoute));
		const accountId = await world.openAccount({ dailyTokens: 100_000 });
		// Two tries fill the time: the first ends by itself, the second with the call.
		const timeouts = { connectMs: 2_000, firstByteMs: 1_200, idleMs: 1_200, totalMs: 2_000 };
		const startMs = performance.now();
		const asked = world
			.createModels({ timeouts })
			.call(world.request(accountId), new AbortController().signal);
		await expect(asked).rejects.toMatchObject({ code: "ROUTER_TIMEOUT" });
		expect(performance.now() - startMs).toBeLessThan(2 * timeouts.totalMs);
		expect(servers.map(({ requests }) => requests.length)).toEqual([1, 1, 0]);
		expect(await world.violations()).toEqual([]);
	} finally {
		for (const server of servers) await server.close();
		await world.destroy();
	}
});
