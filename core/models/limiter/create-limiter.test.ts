import { expect, test } from "@jest/globals";
import { eventually } from "../../testing/eventually.ts";
import type { AcquireRequest, Limiter, Permit } from "./create-limiter.ts";
import { createLimiter } from "./create-limiter.ts";
import type { Gate } from "./limits.ts";

const never = new AbortController().signal;

function request(more: Partial<AcquireRequest> & { readonly id?: string } = {}): AcquireRequest {
	return {
		account: { key: `a:${more.id ?? "1"}`, concurrency: 100 },
		provider: provider(1),
		tokens: 10,
		priority: 5,
		waitMsMax: 5_000,
		signal: never,
		...more,
	};
}

function provider(concurrency: number, requestsPerMinute = 60_000): Gate {
	return { key: "p:kimi", concurrency, rates: { requestsPerMinute, tokensPerMinute: 1e9 } };
}

/** Lets pending waits reach their line. */
async function turns(): Promise<void> {
	for (let count = 0; count < 20; count += 1) await new Promise((resolve) => setTimeout(resolve, 1));
}

test("what is plainly within limits passes at once", async () => {
	const limiter = createLimiter();
	const start = performance.now();
	for (let count = 0; count < 10_000; count += 1) {
		const permit = await limiter.acquire(request({ provider: provider(10, 1e9) }));
		permit.release();
	}
	expect(performance.now() - start).toBeLessThan(10_000);
});

test("those who wait are served by priority, then in the order they came", async () => {
	const limiter = createLimiter();
	const first = await limiter.acquire(request());
	const served: string[] = [];
	const wait = async (name: string, priority: number): Promise<void> => {
		const permit = await limiter.acquire(request({ id: name, priority }));
		served.push(name);
		setImmediate(() => permit.release());
	};
	const waits: Promise<void>[] = [];
	for (const [name, priority] of [
		["free 1", 9],
		["free 2", 9],
		["pro 1", 4],
		["max", 1],
		["pro 2", 4],
	] as const) {
		waits.push(wait(name, priority));
		await turns();
	}
	expect(limiter.isBusy(provider(1))).toBe(true);
	first.release();
	await Promise.all(waits);
	expect(served).toEqual(["max", "pro 1", "pro 2", "free 1", "free 2"]);
	await eventually(() => !limiter.isBusy(provider(1)));
});

test("never more calls at a time than allowed, whatever comes and goes", async () => {
	const limiter = createLimiter();
	let running = 0;
	let most = 0;
	const one = async (index: number): Promise<void> => {
		const permit = await limiter.acquire(
			request({ id: String(index % 7), provider: provider(5), priority: index % 10, waitMsMax: 20_000 }),
		);
		running += 1;
		most = Math.max(most, running);
		await new Promise((resolve) => setImmediate(resolve));
		running -= 1;
		permit.release();
	};
	await Promise.all(Array.from({ length: 200 }, async (_, index) => await one(index)));
	expect(most).toBe(5);
	expect(running).toBe(0);
});

test("an account's own calls wait for each other without holding up the provider's line", async () => {
	const limiter = createLimiter();
	const account: Gate = { key: "a:greedy", concurrency: 1 };
	const held = await limiter.acquire(request({ account, provider: provider(2) }));
	const second = limiter.acquire(request({ account, provider: provider(2), priority: 0 }));
	await turns();
	const other = await limiter.acquire(request({ id: "other", provider: provider(2) }));
	other.release();
	held.release();
	(await second).release();
});

test("a wait that is too long ends with ROUTER_RATE_LIMITED and says when to come again", async () => {
	const limiter = createLimiter();
	const held = await limiter.acquire(request());
	await expect(limiter.acquire(request({ waitMsMax: 30 }))).rejects.toMatchObject({
		code: "ROUTER_RATE_LIMITED",
		retryable: true,
		details: { cause: "busy", retryAfterMs: expect.any(Number) },
	});
	held.release();
	(await limiter.acquire(request({ waitMsMax: 1_000 }))).release();
});

test("rates make calls wait no longer than they must", async () => {
	const limiter = createLimiter();
	const gate = provider(1_000, 600);
	const permits: Permit[] = [];
	for (let count = 0; count < 120; count += 1) {
		permits.push(await limiter.acquire(request({ id: String(count), provider: gate })));
	}
	const start = performance.now();
	permits.push(await limiter.acquire(request({ provider: gate, waitMsMax: 10_000 })));
	// 8 requests a second flow in beyond the burst of 120.
	expect(performance.now() - start).toBeLessThan(5_000);
	expect(performance.now() - start).toBeGreaterThan(20);
	for (const permit of permits) permit.release();
});

test("a line that is full refuses at once", async () => {
	const limiter = createLimiter({ accountWaitersMax: 3, providerWaitersMax: 3 });
	const held = await limiter.acquire(request());
	const controller = new AbortController();
	const waits = ["a", "b", "c"].map(async (id) => {
		return await limiter.acquire(request({ id, signal: controller.signal }));
	});
	await turns();
	await expect(limiter.acquire(request({ id: "d" }))).rejects.toMatchObject({ code: "ROUTER_RATE_LIMITED" });
	controller.abort(new Error("stopped"));
	for (const wait of waits) await expect(wait).rejects.toThrow("stopped");
	held.release();
});

test("who gives up leaves no slot behind", async () => {
	const limiter: Limiter = createLimiter();
	const held = await limiter.acquire(request());
	const controller = new AbortController();
	const gone = limiter.acquire(request({ id: "gone", signal: controller.signal, priority: 0 }));
	const late = limiter.acquire(request({ id: "late", waitMsMax: 20, priority: 0 }));
	const patient = limiter.acquire(request({ id: "patient", priority: 9 }));
	await turns();
	controller.abort(new Error("stopped"));
	await expect(gone).rejects.toThrow("stopped");
	await expect(late).rejects.toMatchObject({ code: "ROUTER_RATE_LIMITED" });
	held.release();
	const permit = await patient;
	permit.release();
	permit.release();
	(await limiter.acquire(request())).release();
	await eventually(() => !limiter.isBusy(provider(1)));
});

test("who is gone already does not wait", async () => {
	const limiter = createLimiter();
	await expect(limiter.acquire(request({ signal: AbortSignal.abort(new Error("stopped")) }))).rejects.toThrow(
		"stopped",
	);
});
