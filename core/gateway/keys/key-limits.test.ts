import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Redis } from "ioredis";
import { connectRedis } from "../../models/limiter/connect-redis.ts";
import { createSharedLimits } from "../../models/limiter/shared-limits.ts";
import { eventually } from "../../testing/eventually.ts";
import type { RedisServer } from "../../testing/redis-server.ts";
import { hasRedisServer, startRedisServer } from "../../testing/redis-server.ts";
import type { KeyLimits, Leave } from "./key-limits.ts";
import { createKeyLimits } from "./key-limits.ts";

const plan = { planId: "p", priority: 5, concurrency: 1, busyStrategy: "fallback" } as const;
const toGrant = (keyId: string, accountId = "1", concurrency = 1) => ({
	keyId,
	accountId,
	plan: { ...plan, concurrency },
});
const busy = { code: "RATE_LIMITED", status: 429, details: { reason: "key-busy", retryAfterMs: 1_000 } };

/** Enters and leaves at once. @returns how many were let in */
async function knock(limits: KeyLimits, grant: ReturnType<typeof toGrant>, times: number): Promise<number> {
	let entered = 0;
	for (let n = 0; n < times; n += 1) {
		await limits.enter(grant).then(
			(leave) => {
				entered += 1;
				leave();
			},
			() => undefined,
		);
	}
	return entered;
}

async function enterAll(
	limits: KeyLimits,
	grant: ReturnType<typeof toGrant>,
	count: number,
): Promise<readonly Leave[]> {
	return await Promise.all(Array.from({ length: count }, async () => await limits.enter(grant)));
}

describe("a key", () => {
	test("may ask 60 times a minute, all at once or one a second, and is told when to come back", async () => {
		let nowMs = 0;
		const limits = createKeyLimits({ requestsPerMinute: 60, concurrency: 4, nowMs: () => nowMs });
		const grant = toGrant("a");
		expect(await knock(limits, grant, 100)).toBe(60);
		await expect(limits.enter(grant)).rejects.toMatchObject({
			code: "RATE_LIMITED",
			details: { reason: "key-rate", retryAfterMs: 1_000 },
		});
		for (let second = 0; second < 120; second += 1) {
			nowMs += 1_000;
			expect(await knock(limits, grant, 2)).toBe(1);
		}
		expect(await knock(limits, toGrant("b"), 1)).toBe(1);
	});

	test("may have 4 requests under way; who leaves twice makes one place", async () => {
		const limits = createKeyLimits({ requestsPerMinute: 60, concurrency: 4 });
		const [leave] = await enterAll(limits, toGrant("a"), 4);
		await expect(limits.enter(toGrant("a"))).rejects.toMatchObject(busy);
		leave?.();
		leave?.();
		await limits.enter(toGrant("a"));
		await expect(limits.enter(toGrant("a"))).rejects.toMatchObject(busy);
	});

	test("that was refused for being busy has not used up its minute", async () => {
		const limits = createKeyLimits({ requestsPerMinute: 10, concurrency: 1, nowMs: () => 0 });
		const leave = await limits.enter(toGrant("a"));
		expect(await knock(limits, toGrant("a"), 50)).toBe(0);
		leave();
		expect(await knock(limits, toGrant("a"), 50)).toBe(9);
	});
});

test("the keys of an account have 8 requests under way together, or as many as its plan gives", async () => {
	const limits = createKeyLimits({ requestsPerMinute: 60, concurrency: 4 });
	for (const key of ["a", "b"]) await enterAll(limits, toGrant(key), 4);
	await expect(limits.enter(toGrant("c"))).rejects.toMatchObject(busy);
	await limits.enter(toGrant("d", "2"));
	for (const key of ["e", "f", "g", "h"]) await enterAll(limits, toGrant(key, "3", 16), 4);
	await expect(limits.enter(toGrant("i", "3", 16))).rejects.toMatchObject(busy);
});

const describeWithRedis = hasRedisServer() ? describe : describe.skip;

describeWithRedis("over Redis", () => {
	let server: RedisServer;
	const clients: Redis[] = [];
	beforeAll(async () => {
		server = await startRedisServer();
	});
	afterAll(async () => {
		for (const client of clients) client.disconnect();
		await server.stop();
	});

	async function startNode(): Promise<KeyLimits> {
		const redis = connectRedis(server.url, () => undefined);
		clients.push(redis);
		const shared = createSharedLimits({ redis, retryMs: 50 });
		await eventually(() => shared.isUp());
		return createKeyLimits({ requestsPerMinute: 60, concurrency: 4, shared });
	}

	test("two nodes keep the limits together, and each its own once Redis is gone", async () => {
		const [one, two] = [await startNode(), await startNode()];
		const leaves = [...(await enterAll(one, toGrant("a"), 2)), ...(await enterAll(two, toGrant("a"), 2))];
		await expect(two.enter(toGrant("a"))).rejects.toMatchObject(busy);
		for (const leave of leaves) leave();
		await eventually(async () => (await knock(one, toGrant("a"), 1)) === 1);
		const entered = (await knock(one, toGrant("b"), 40)) + (await knock(two, toGrant("b"), 40));
		// A minute's 60, and what flowed in while the test took its time.
		expect(entered).toBeGreaterThanOrEqual(60);
		expect(entered).toBeLessThan(80);
		await server.kill();
		await enterAll(one, toGrant("c"), 4);
		await expect(one.enter(toGrant("c"))).rejects.toMatchObject(busy);
		await enterAll(two, toGrant("c"), 4);
	});
});
