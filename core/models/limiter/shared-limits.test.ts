import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Redis } from "ioredis";
import { eventually } from "../../testing/eventually.ts";
import type { RedisServer } from "../../testing/redis-server.ts";
import { hasRedisServer, startRedisServer } from "../../testing/redis-server.ts";
import { connectRedis } from "./connect-redis.ts";
import type { AcquireRequest, Limiter } from "./create-limiter.ts";
import { createLimiter } from "./create-limiter.ts";
import type { Gate } from "./limits.ts";
import type { SharedLimits } from "./shared-limits.ts";
import { createSharedLimits } from "./shared-limits.ts";

const describeWithRedis = hasRedisServer() ? describe : describe.skip;

type Node = { readonly limiter: Limiter; readonly shared: SharedLimits; readonly redis: Redis };

describeWithRedis("limits shared over Redis", () => {
	let server: RedisServer;
	const nodes: Node[] = [];
	let run = 0;

	beforeAll(async () => {
		server = await startRedisServer();
	});
	afterAll(async () => await server.stop());
	beforeEach(() => {
		run += 1;
	});
	afterEach(async () => {
		for (const node of nodes.splice(0)) {
			node.limiter.close();
			node.redis.disconnect();
		}
	});

	async function startNode(permitTtlMs = 60_000): Promise<Node> {
		const redis = connectRedis(server.url, () => undefined);
		const shared = createSharedLimits({ redis, keyPrefix: `run${run}:`, permitTtlMs, retryMs: 50 });
		const node = { limiter: createLimiter({ shared }), shared, redis };
		nodes.push(node);
		await eventually(() => shared.isUp());
		return node;
	}

	const gate: Gate = {
		key: "p:kimi",
		concurrency: 2,
		rates: { requestsPerMinute: 600, tokensPerMinute: 1e9 },
	};

	function request(more: Partial<AcquireRequest> = {}): AcquireRequest {
		return {
			account: { key: "a:1", concurrency: 50 },
			provider: gate,
			tokens: 10,
			priority: 5,
			waitMsMax: 5_000,
			signal: new AbortController().signal,
			...more,
		};
	}

	test("two nodes together have the room of one gate, and hear of each other's leaving", async () => {
		const [a, b] = [await startNode(), await startNode()];
		const first = await a.limiter.acquire(request());
		const second = await b.limiter.acquire(request());
		await expect(b.limiter.acquire(request({ waitMsMax: 60 }))).rejects.toMatchObject({
			code: "ROUTER_RATE_LIMITED",
		});
		const third = b.limiter.acquire(request());
		first.release();
		(await third).release();
		second.release();
	});

	test("an account's concurrency holds across nodes", async () => {
		const [a, b] = [await startNode(), await startNode()];
		const account: Gate = { key: "a:single", concurrency: 1 };
		const held = await a.limiter.acquire(request({ account }));
		await expect(b.limiter.acquire(request({ account, waitMsMax: 60 }))).rejects.toMatchObject({
			code: "ROUTER_RATE_LIMITED",
		});
		held.release();
		(await b.limiter.acquire(request({ account }))).release();
	});

	test("the rates hold across nodes", async () => {
		const [a, b] = [await startNode(), await startNode()];
		const rated: Gate = {
			...gate,
			concurrency: 1_000,
			rates: { requestsPerMinute: 100, tokensPerMinute: 1e9 },
		};
		let passed = 0;
		for (let count = 0; count < 30; count += 1) {
			for (const { shared } of [a, b]) {
				const outcome = await shared.take({
					permitId: `${run}-${count}-${passed}`,
					gates: [rated],
					tokens: 1,
				});
				if (outcome?.kind === "taken") passed += 1;
			}
		}
		// A burst of 20, and what flows in while the test runs.
		expect(passed).toBeGreaterThanOrEqual(20);
		expect(passed).toBeLessThan(26);
	});

	test("the slots of a dead node come back", async () => {
		const dead = await startNode(300);
		await dead.limiter.acquire(request());
		await dead.limiter.acquire(request());
		dead.limiter.close();
		dead.redis.disconnect();
		const alive = await startNode(300);
		expect((await alive.shared.take({ permitId: "x", gates: [gate], tokens: 1 }))?.kind).toBe("full");
		(await alive.limiter.acquire(request())).release();
	});

	test("a dead node's slot comes back before anybody who waits for it is told that we are busy", async () => {
		const node = await startNode();
		const keyPrefix = `defaults${run}:`;
		const shared = createSharedLimits({ redis: node.redis, keyPrefix });
		await shared.take({ permitId: "held", gates: [gate], tokens: 1 });
		shared.close();
		const [seconds] = await node.redis.time();
		const expiresAtMs = Number(await node.redis.zscore(`${keyPrefix}${gate.key}:permits`, "held"));
		// The shortest wait that ends with "busy" is 30 s.
		expect(expiresAtMs - Number(seconds) * 1_000).toBeLessThanOrEqual(16_000);
	});

	test("the slots of a living node do not", async () => {
		const holder = await startNode(150);
		const permits = [await holder.limiter.acquire(request()), await holder.limiter.acquire(request())];
		const other = await startNode(150);
		await expect(other.limiter.acquire(request({ waitMsMax: 500 }))).rejects.toMatchObject({
			code: "ROUTER_RATE_LIMITED",
		});
		for (const permit of permits) permit.release();
		(await other.limiter.acquire(request())).release();
	});

	test("when Redis is killed in the middle, calls go on under the local limits, and back again later", async () => {
		const node = await startNode();
		const held = await node.limiter.acquire(request());
		await server.kill();
		await eventually(() => !node.shared.isUp());
		const second = await node.limiter.acquire(request());
		// The call made before the death counts on.
		await expect(node.limiter.acquire(request({ waitMsMax: 50 }))).rejects.toMatchObject({
			code: "ROUTER_RATE_LIMITED",
		});
		held.release();
		second.release();
		for (let count = 0; count < 20; count += 1) (await node.limiter.acquire(request())).release();

		await server.restart();
		await eventually(() => node.shared.isUp());
		const other = await startNode();
		const permits = [await node.limiter.acquire(request()), await other.limiter.acquire(request())];
		await expect(other.limiter.acquire(request({ waitMsMax: 60 }))).rejects.toMatchObject({
			code: "ROUTER_RATE_LIMITED",
		});
		for (const permit of permits) permit.release();
	});

	test("a Redis that says nothing holds a call for a moment only", async () => {
		const node = await startNode();
		(await node.limiter.acquire(request())).release();
		server.freeze();
		try {
			const start = performance.now();
			(await node.limiter.acquire(request())).release();
			expect(performance.now() - start).toBeLessThan(5_000);
			expect(node.shared.isUp()).toBe(false);
		} finally {
			server.thaw();
		}
		await eventually(async () => {
			(await node.limiter.acquire(request())).release();
			return node.shared.isUp();
		});
	});

	test("calls that wait while Redis dies are not lost", async () => {
		const node = await startNode();
		const permits = [await node.limiter.acquire(request()), await node.limiter.acquire(request())];
		const waiting = Array.from({ length: 10 }, async () => {
			const permit = await node.limiter.acquire(request());
			permit.release();
		});
		await server.kill();
		for (const permit of permits) permit.release();
		await Promise.all(waiting);
		await server.restart();
	});
});
