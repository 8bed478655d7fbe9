import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createOpenAiProvider } from "../providers/openai-compatible.ts";
import { eventually } from "../testing/eventually.ts";
import type { FakeProviderServer } from "../testing/fake-provider-server.ts";
import { createFakeProviderServer } from "../testing/fake-provider-server.ts";
import type { ModelsWorld } from "../testing/models-world.ts";
import { createModelsWorld } from "../testing/models-world.ts";
import { createScriptedProvider } from "../testing/scripted-provider.ts";
import type { CallerPlan, ModelCallRequest, ModelCallResult, Models } from "./model-call.ts";

const never = new AbortController().signal;

let world: ModelsWorld;
let servers: Record<"first" | "second" | "third", FakeProviderServer>;
let models: Models & { close(): void };
let accountId: string;

beforeAll(async () => {
	world = await createModelsWorld((egress) => [createOpenAiProvider({ egress })]);
});
afterAll(async () => await world.destroy());
beforeEach(async () => {
	servers = {
		first: await createFakeProviderServer(),
		second: await createFakeProviderServer(),
		third: await createFakeProviderServer(),
	};
	await setRegions("us", "us", "us");
	accountId = await world.openAccount({ dailyTokens: 100_000 });
	models = world.createModels();
	await world.db.raw("delete from usage_log");
});
afterEach(async () => {
	models.close();
	for (const server of Object.values(servers)) await server.close();
	expect(await world.violations()).toEqual([]);
	expect(world.troubles).toEqual([]);
});

async function setRegions(...regions: readonly [string, string, string]): Promise<void> {
	const entries = Object.entries(servers);
	await world.setRoutes(
		...entries.map(([providerId, server], index) => ({
			providerId,
			baseUrl: server.baseUrl("openai"),
			region: regions[index] ?? "us",
		})),
	);
}

function plan(busyStrategy: CallerPlan["busyStrategy"], more: Partial<CallerPlan> = {}): CallerPlan {
	return { planId: busyStrategy, priority: 5, concurrency: 8, busyStrategy, ...more };
}

async function call(more: Partial<ModelCallRequest> = {}): Promise<ModelCallResult> {
	const result = await models.call(world.request(accountId, more), never);
	await world.commit(result);
	return result;
}

/** Requests that arrived, by server. */
function arrived(): readonly number[] {
	return Object.values(servers).map((server) => server.requests.length);
}

describe("fallback", () => {
	test("a failure before the first text leads to the next provider, under a reservation of its own", async () => {
		servers.first.answerAlways({ kind: "status", status: 500 });
		servers.second.answerAlways({ kind: "text", after: { pieces: 0, follow: "cut" } });
		const result = await call();
		expect(result).toMatchObject({ text: "hello", route: { provider: "third" } });
		// A connection that breaks is tried once more over a new one.
		expect(arrived()).toEqual([1, 2, 1]);
		const rows = await world.usageRows();
		expect(rows).toMatchObject([
			{ provider_id: "first", outcome: "failed", charged_micro: "0" },
			{ provider_id: "second", outcome: "failed", charged_micro: "0" },
			{ provider_id: "third", outcome: "complete" },
		]);
		expect(new Set(rows.map((row) => row["reservation_id"])).size).toBe(3);
		const { rows: states } = await world.db.raw<{ rows: unknown[] }>(
			"select state from ledger_reservations where account_id = ? order by state",
			[accountId],
		);
		expect(states).toEqual([{ state: "posted" }, { state: "voided" }, { state: "voided" }]);
	});

	test("after the first text no other provider is asked", async () => {
		servers.first.answerAlways({ kind: "text", after: { pieces: 1, follow: "cut" } });
		expect(await call()).toMatchObject({ text: "hel", outcome: "cut", route: { provider: "first" } });
		expect(arrived()).toEqual([1, 0, 0]);
	});

	test("when every provider fails the last failure is told and nothing is charged", async () => {
		servers.first.answerAlways({ kind: "status", status: 500 });
		servers.second.answerAlways({ kind: "status", status: 400 });
		servers.third.answerAlways({ kind: "hang" });
		await expect(call()).rejects.toMatchObject({ code: "ROUTER_TIMEOUT", retryable: true });
		expect(await world.availableTokens(accountId)).toBe(100_000);
	});

	test("plans without fallback do not leave a provider that is merely slow or busy", async () => {
		servers.first.answerNext({ kind: "hang" });
		await expect(call({ plan: plan("lowest_priority") })).rejects.toMatchObject({ code: "ROUTER_TIMEOUT" });
		expect(arrived()).toEqual([1, 0, 0]);
	});

	test("plans without fallback leave a broken provider once", async () => {
		servers.first.answerAlways({ kind: "status", status: 500 });
		servers.second.answerAlways({ kind: "status", status: 500 });
		await expect(call({ plan: plan("low_priority") })).rejects.toMatchObject({ code: "ROUTER_NO_PROVIDER" });
		expect(arrived()).toEqual([1, 1, 0]);
	});

	test("an own order is followed", async () => {
		servers.third.answerAlways({ kind: "status", status: 500 });
		const result = await call({ plan: plan("custom_order"), routeOrder: ["third", "second"] });
		expect(result.route.provider).toBe("second");
		expect(arrived()).toEqual([0, 1, 1]);
	});
});

describe("regions", () => {
	test("CN_OK with every cn provider down: ROUTER_NO_PROVIDER, and not one connection elsewhere", async () => {
		await setRegions("us", "cn", "cn");
		await servers.second.close();
		servers.third.answerAlways({ kind: "drop" });
		for (const busyStrategy of ["lowest_priority", "fallback", "custom_order"] as const) {
			const request = { policy: "CN_OK", plan: plan(busyStrategy), routeOrder: ["first"] } as const;
			await expect(call(request)).rejects.toMatchObject({ code: "ROUTER_NO_PROVIDER", retryable: true });
		}
		for (let count = 0; count < 10; count += 1) await call({ policy: "CN_OK" }).catch(() => undefined);
		expect(servers.first.connectionCount()).toBe(0);
		expect(await world.availableTokens(accountId)).toBe(100_000);
		const rows = await world.usageRows();
		expect(rows.length).toBeGreaterThan(0);
		expect(rows.every((row) => row["region"] === "cn" && row["policy"] === "CN_OK")).toBe(true);
		servers.second = await createFakeProviderServer();
	});

	test("CN_OK with no cn provider at all", async () => {
		await expect(call({ policy: "CN_OK" })).rejects.toMatchObject({ code: "ROUTER_NO_PROVIDER" });
		expect(Object.values(servers).map((server) => server.connectionCount())).toEqual([0, 0, 0]);
	});
});

describe("health", () => {
	test("a breaker that opens sends everybody elsewhere, and one trial call brings the provider back", async () => {
		models.close();
		models = world.createModels({ health: { failuresMax: 2, halfOpenAfterMs: 1_000 } });
		servers.first.answerAlways({ kind: "status", status: 500 });
		await call();
		await call();
		await call({ plan: plan("lowest_priority") });
		expect(arrived()).toEqual([2, 3, 0]);
		servers.first.answerAlways({ kind: "text" });
		await eventually(async () => (await call()).route.provider === "first");
		await call();
		expect((await call()).route.provider).toBe("first");
	});

	test("429 with Retry-After keeps the provider out for that long", async () => {
		servers.first.answerNext({ kind: "status", status: 429, headers: { "retry-after": "1" } });
		expect((await call()).route.provider).toBe("second");
		expect((await call({ plan: plan("low_priority") })).route.provider).toBe("second");
		expect(arrived()).toEqual([1, 2, 0]);
		await eventually(async () => (await call()).route.provider === "first");
	});

	test("when every provider asks for a pause, the caller is told how long", async () => {
		for (const server of Object.values(servers)) {
			server.answerAlways({ kind: "status", status: 429, headers: { "retry-after": "1000000000" } });
		}
		await expect(call()).rejects.toMatchObject({ code: "ROUTER_RATE_LIMITED" });
		await expect(call()).rejects.toMatchObject({
			code: "ROUTER_RATE_LIMITED",
			details: { retryAfterMs: expect.any(Number) },
		});
		expect(arrived()).toEqual([1, 1, 1]);
	});
});

describe("limits", () => {
	test("an account has no more calls at a time than its plan; the others of it wait", async () => {
		const release = Promise.withResolvers<void>();
		const provider = createScriptedProvider({ until: release.promise });
		models = world.createModels({ providers: [provider] });
		const calls = Array.from(
			{ length: 5 },
			async () => await call({ plan: plan("fallback", { concurrency: 2 }) }),
		);
		await eventually(() => provider.running() === 2);
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(provider.running()).toBe(2);
		release.resolve();
		await Promise.all(calls);
		expect(provider.calls).toHaveLength(5);
	});

	test("when the best provider is full, plans with fallback go to the next and the others wait", async () => {
		await world.setRoutes({ providerId: "narrow", concurrency: 1 }, { providerId: "wide", concurrency: 50 });
		const release = Promise.withResolvers<void>();
		const provider = createScriptedProvider((_, { providerId }) =>
			providerId === "narrow" ? { until: release.promise } : {},
		);
		models = world.createModels({ providers: [provider] });
		const held = call({ plan: plan("lowest_priority", { priority: 9 }) });
		await eventually(() => provider.running() === 1);
		expect((await call({ plan: plan("fallback") })).route.provider).toBe("wide");
		const waiting = (["lowest_priority", "low_priority"] as const).map(async (strategy, index) => {
			const messages = [{ role: "user", content: strategy } as const];
			await call({ messages, plan: plan(strategy, { priority: 9 - index * 2 }) });
		});
		await new Promise((resolve) => setTimeout(resolve, 60));
		expect(provider.calls).toHaveLength(2);
		release.resolve();
		await Promise.all([held, ...waiting]);
		const later = provider.calls.slice(2);
		expect(later.map(({ request }) => request.messages[0]?.content)).toEqual([
			"low_priority",
			"lowest_priority",
		]);
		expect(later.every(({ endpoint }) => endpoint.providerId === "narrow")).toBe(true);
	});

	test("stopping while waiting in line gives everything back", async () => {
		const release = Promise.withResolvers<void>();
		const provider = createScriptedProvider({ until: release.promise });
		models = world.createModels({ providers: [provider] });
		const single = plan("fallback", { concurrency: 1 });
		const held = call({ plan: single });
		await eventually(() => provider.running() === 1);
		const controller = new AbortController();
		const waiting = models.call(world.request(accountId, { plan: single }), controller.signal);
		await new Promise((resolve) => setTimeout(resolve, 30));
		controller.abort("stopped");
		await expect(waiting).rejects.toBe("stopped");
		release.resolve();
		await held;
		expect(provider.calls).toHaveLength(1);
	});

	test("an account that makes providers fail again and again is slowed down, not charged", async () => {
		const release = Promise.withResolvers<void>();
		const provider = createScriptedProvider(({ messages }) =>
			messages[0]?.content === "hello" ? { pieces: [] } : { until: release.promise },
		);
		await world.setRoutes({ providerId: "only" });
		models = world.createModels({ providers: [provider], health: { failuresMax: 1_000 } });
		for (let count = 0; count < 20; count += 1) await expect(call()).rejects.toThrow();
		const slow = Array.from(
			{ length: 3 },
			async () => await call({ messages: [{ role: "user", content: "now for real" }] }),
		);
		await eventually(() => provider.running() === 1);
		await new Promise((resolve) => setTimeout(resolve, 30));
		expect(provider.running()).toBe(1);
		release.resolve();
		await Promise.all(slow);
	});
});

test("a request too long for every model is refused before anything is held", async () => {
	await world.setRoutes({
		providerId: "small",
		baseUrl: servers.first.baseUrl("openai"),
		model: { contextTokens: 300 },
	});
	await expect(call({ messages: [{ role: "user", content: "word ".repeat(100) }] })).rejects.toMatchObject({
		code: "REQUEST_INVALID",
	});
	expect(arrived()).toEqual([0, 0, 0]);
});

test("a provider without an adapter or without a readable key is passed over", async () => {
	models.close();
	const provider = createScriptedProvider({}, "anthropic");
	await world.setRoutes(
		{ providerId: "no-adapter", dialect: "openai" },
		{ providerId: "fine", dialect: "anthropic" },
	);
	models = world.createModels({ providers: [provider] });
	expect((await call({ plan: plan("lowest_priority") })).route.provider).toBe("fine");
	expect((await call()).route.provider).toBe("fine");
});
