import { expect, test } from "@jest/globals";
import { AppError } from "../errors.ts";
import { eventually } from "../testing/eventually.ts";
import type { Attempt, ProviderHealth } from "./provider-health.ts";
import { createProviderHealth } from "./provider-health.ts";

const FAILURE = new AppError("ROUTER_NO_PROVIDER", "500");

function begin(health: ProviderHealth): Attempt {
	const attempt = health.begin("kimi");
	if (attempt === undefined) throw new Error("not routable");
	return attempt;
}

/** The breaker hears of an outcome a few promise turns later. */
async function settle(): Promise<void> {
	await new Promise((resolve) => setImmediate(resolve));
}

async function fail(health: ProviderHealth, times: number, error = FAILURE): Promise<void> {
	for (let count = 0; count < times; count += 1) {
		begin(health).failed(error);
		await settle();
	}
}

test("five failures in a row open the breaker, four do not, and a success starts the count again", async () => {
	const health = createProviderHealth();
	await fail(health, 4);
	expect(health.stateOf("kimi")).toEqual({ kind: "up" });
	begin(health).succeeded();
	await settle();
	await fail(health, 4);
	expect(health.stateOf("kimi")).toEqual({ kind: "up" });
	await fail(health, 1);
	expect(health.stateOf("kimi")).toEqual({ kind: "down" });
	expect(health.begin("kimi")).toBeUndefined();
	expect(health.stateOf("deepseek")).toEqual({ kind: "up" });
});

test("a stream that breaks after its first text is a failure too", async () => {
	const health = createProviderHealth({ failuresMax: 2 });
	for (let count = 0; count < 2; count += 1) {
		const attempt = begin(health);
		attempt.firstText();
		attempt.failed(FAILURE);
		await settle();
	}
	expect(health.stateOf("kimi")).toEqual({ kind: "down" });
});

test("after a while one trial call is let through; its first text closes the breaker", async () => {
	const changes: string[] = [];
	const health = createProviderHealth({
		failuresMax: 1,
		halfOpenAfterMs: 400,
		onChange: (providerId, state) => changes.push(`${providerId} ${state}`),
	});
	await fail(health, 1);
	expect(health.stateOf("kimi").kind).toBe("down");
	await eventually(() => health.stateOf("kimi").kind === "up");
	const trial = begin(health);
	expect(health.stateOf("kimi").kind).toBe("down");
	expect(health.begin("kimi")).toBeUndefined();
	trial.firstText();
	await settle();
	expect(health.stateOf("kimi").kind).toBe("up");
	trial.succeeded();
	expect(changes).toEqual(["kimi open", "kimi half-open", "kimi closed"]);
});

test("a trial that fails, or that nobody waited for, opens it again for twice as long", async () => {
	const health = createProviderHealth({ failuresMax: 1, halfOpenAfterMs: 400, halfOpenAfterMsMax: 800 });
	await fail(health, 1);
	await eventually(() => health.stateOf("kimi").kind === "up");
	begin(health).left();
	await settle();
	expect(health.stateOf("kimi").kind).toBe("down");
	await eventually(() => health.stateOf("kimi").kind === "up");
	await fail(health, 1);
	expect(health.stateOf("kimi").kind).toBe("down");
	await eventually(() => health.stateOf("kimi").kind === "up");
});

test("a caller who leaves says nothing about the provider", async () => {
	const health = createProviderHealth({ failuresMax: 2 });
	for (let count = 0; count < 5; count += 1) {
		begin(health).left();
		await settle();
	}
	expect(health.stateOf("kimi")).toEqual({ kind: "up" });
	await fail(health, 1);
	begin(health).left();
	await fail(health, 1);
	expect(health.stateOf("kimi")).toEqual({ kind: "down" });
});

test("429 is a pause of the length asked for, not a failure", async () => {
	const health = createProviderHealth({ failuresMax: 1 });
	begin(health).failed(new AppError("ROUTER_RATE_LIMITED", "429", { details: { retryAfterMs: 400 } }));
	await settle();
	const state = health.stateOf("kimi");
	expect(state.kind).toBe("cooling");
	expect(state).toHaveProperty("retryAfterMs");
	expect(health.begin("kimi")).toBeUndefined();
	await eventually(() => health.stateOf("kimi").kind === "up");
	await fail(health, 1, new AppError("ROUTER_RATE_LIMITED", "429"));
	expect(health.stateOf("kimi")).toMatchObject({ kind: "cooling" });
});

test("a refused request is the request's fault", async () => {
	const health = createProviderHealth({ failuresMax: 1 });
	await fail(health, 3, new AppError("REQUEST_INVALID", "400"));
	expect(health.stateOf("kimi")).toEqual({ kind: "up" });
});

test("a refused key takes the provider out at once", async () => {
	const health = createProviderHealth();
	await fail(health, 1, new AppError("ROUTER_NO_PROVIDER", "401", { details: { cause: "credentials" } }));
	expect(health.stateOf("kimi")).toEqual({ kind: "down" });
});
