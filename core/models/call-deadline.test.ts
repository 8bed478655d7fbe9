import { expect, test } from "@jest/globals";
import { createOpenAiProvider } from "../providers/openai-compatible.ts";
import { createFakeProviderServer } from "../testing/fake-provider-server.ts";
import { createModelsWorld } from "../testing/models-world.ts";

const TRY_MS = 1_200;
const CALL_MS = 2_000;

/** Calls three vendors that hang, each for TRY_MS at most; how often each was asked, and how long the call took. */
async function callHanging(
	callMsMax: number | undefined,
): Promise<{ readonly asked: readonly number[]; readonly tookMs: number }> {
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
		const timeouts = { connectMs: CALL_MS, firstByteMs: TRY_MS, idleMs: TRY_MS, totalMs: CALL_MS };
		const request = { ...world.request(accountId), ...(callMsMax !== undefined && { callMsMax }) };
		const models = world.createModels({ timeouts });
		const startMs = performance.now();
		const asked = models.call(request, new AbortController().signal);
		await expect(asked).rejects.toMatchObject({ code: "ROUTER_TIMEOUT" });
		const tookMs = performance.now() - startMs;
		expect(await world.violations()).toEqual([]);
		return { asked: servers.map(({ requests }) => requests.length), tookMs };
	} finally {
		for (const server of servers) await server.close();
		await world.destroy();
	}
}

test("all tries of a call with a time of its own end within it", async () => {
	const { asked, tookMs } = await callHanging(CALL_MS);
	// Two tries fill the time: the first ends by itself, the second with the call.
	expect(asked).toEqual([1, 1, 0]);
	// Three tries of their own time would take 3.6 s at least; a busy machine may add to the 2 s of the call.
	expect(tookMs).toBeLessThan(3 * TRY_MS);
});

test("without one, a vendor that was slow takes nothing from the time of the next", async () => {
	expect((await callHanging(undefined)).asked).toEqual([1, 1, 1]);
});
