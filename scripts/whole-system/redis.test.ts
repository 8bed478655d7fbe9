import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { eventually } from "../../core/testing/eventually.ts";
import type { RedisServer } from "../../core/testing/redis-server.ts";
import { hasRedisServer, startRedisServer } from "../../core/testing/redis-server.ts";
import { withKeyPrefix } from "../../core/testing/test-redis.ts";
import type { Node } from "../compose/boot-node.ts";
import type { AppWorld } from "./testing/app-world.ts";
import type { CountingAnswer } from "./testing/counting-answer.ts";
import { createCountingAnswer } from "./testing/counting-answer.ts";
import { useWorlds } from "./testing/use-worlds.ts";

const describeWithRedis = hasRedisServer() ? describe : describe.skip;
const worlds = useWorlds();
/** Calls at a time, of all nodes together while Redis says so. */
const CONCURRENCY = 2;

describeWithRedis("two nodes that share their limits over Redis", () => {
	let server: RedisServer;
	let client: Redis;
	beforeEach(async () => {
		server = await startRedisServer();
		client = new Redis(server.url, { retryStrategy: () => 20 });
		client.on("error", () => undefined);
	});
	afterEach(async () => {
		client.disconnect();
		server.thaw();
		await server.stop();
	});

	async function openWorld(): Promise<{ world: AppWorld; nodes: readonly Node[]; vendor: CountingAnswer }> {
		const world = await worlds.open({
			REDIS_URL: withKeyPrefix(server.url),
			PROVIDER_FIRST_BYTE_TIMEOUT_MS: "20000",
		});
		const vendor = createCountingAnswer();
		(await world.addProvider({ id: "one", concurrency: CONCURRENCY })).answerAlways(vendor.toAnswer);
		const nodes = [await world.startNode(), await world.startNode()];
		// What a client asks last before it is ready.
		await eventually(
			async () => String(await client.call("CLIENT", "LIST")).split("cmd=info").length > nodes.length,
		);
		return { world, nodes, vendor };
	}

	/** Each of so many people asks once, at one node or the other, and gets his own answer. */
	async function askAll(
		world: AppWorld,
		nodes: readonly Node[],
		people: number,
		name: string,
	): Promise<void> {
		await Promise.all(
			Array.from({ length: people }, async (_, number) => {
				const node = nodes[number % nodes.length];
				if (node === undefined) throw new Error("no node");
				const { key } = await world.addPerson({ planId: "pro_40" });
				const message = `${name}-${number}`;
				const answer = await world.ask(node, key, message);
				expect(answer).toMatchObject({ status: 200, body: { message: `re: ${message}` } });
			}),
		);
	}

	async function expectOnce(world: AppWorld, vendor: CountingAnswer, messages: number): Promise<void> {
		expect(vendor.answered()).toBe(messages);
		expect(await world.db("usage_log").where({ outcome: "complete" })).toHaveLength(messages);
		expect(await world.db("ledger_reservations").where({ state: "posted" })).toHaveLength(messages);
		expect(await world.db("ledger_reservations").where({ state: "pending" })).toEqual([]);
	}

	test("call a provider no more than it takes from one", async () => {
		const { world, nodes, vendor } = await openWorld();
		await askAll(world, nodes, 30, "shared");
		expect(vendor.takeMost()).toBe(CONCURRENCY);
		await expectOnce(world, vendor, 30);
	});

	test("answer every message exactly once when Redis is killed in the middle; then each keeps the limits for itself", async () => {
		const { world, nodes, vendor } = await openWorld();
		const asked = askAll(world, nodes, 60, "killed");
		await eventually(() => vendor.answered() >= 15);
		expect(vendor.takeMost()).toBe(CONCURRENCY);
		await server.kill();
		await asked;
		expect(vendor.takeMost()).toBeLessThanOrEqual(nodes.length * CONCURRENCY);
		await expectOnce(world, vendor, 60);

		let asks = 0;
		// That the limits above were Redis' doing shows in that there is room for more now.
		await eventually(async () => {
			asks += 20;
			await askAll(world, nodes, 20, `without-${asks}`);
			const most = vendor.takeMost();
			expect(most).toBeLessThanOrEqual(nodes.length * CONCURRENCY);
			return most > CONCURRENCY;
		});
		await expectOnce(world, vendor, 60 + asks);

		await server.restart();
		await eventually(async () => {
			asks += 2;
			await askAll(world, nodes, 2, `again-${asks}`);
			return (await client.keys("*limit:p:one")).length > 0;
		});
		await expectOnce(world, vendor, 60 + asks);
	});

	test("answer every message when Redis holds its connections and says nothing", async () => {
		const { world, nodes, vendor } = await openWorld();
		server.freeze();
		await askAll(world, nodes, 20, "frozen");
		expect(vendor.takeMost()).toBeLessThanOrEqual(nodes.length * CONCURRENCY);
		await expectOnce(world, vendor, 20);
	});
});
