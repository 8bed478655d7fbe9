import { afterEach, describe, expect, test } from "@jest/globals";
import type { WebhookWorld } from "../testing/webhook-world.ts";
import { startWebhookWorld, toHead, toUpdate } from "../testing/webhook-world.ts";

let world: WebhookWorld;

afterEach(async () => await world.close());

describe("bodies", () => {
	test.each([
		["nothing", "", 400],
		["no JSON", "{", 400],
		["a tower of brackets", `{"update_id":1,"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}`, 400],
		["a tower of objects", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`, 400],
	])("%s is 400", async (_, body, status) => {
		world = await startWebhookWorld();
		expect((await world.post(body)).status).toBe(status);
		expect(world.events).toEqual([]);
	});

	test("more than 1 MiB is 413 and the connection ends, announced or not", async () => {
		world = await startWebhookWorld();
		const announced = await world.send(toHead(["content-length: 1048577"]), "{");
		expect(announced).toMatchObject({ status: 413, isClosed: true });
		const chunk = Buffer.from(`10000\r\n${" ".repeat(65_536)}\r\n`);
		const endless = Array.from({ length: 17 }, () => chunk);
		const chunked = await world.send(toHead(["transfer-encoding: chunked"]), ...endless);
		expect(chunked).toMatchObject({ status: 413, isClosed: true });
		expect(world.events).toEqual([]);
	});

	test("exactly 1 MiB is taken", async () => {
		world = await startWebhookWorld();
		const body = toUpdate().padEnd(1_048_576, " ");
		expect((await world.post(body)).status).toBe(200);
	});

	test("a body that trickles is 408", async () => {
		world = await startWebhookWorld({ bodyTimeoutMs: 100 });
		const answer = await world.send(toHead(["content-length: 1000"]), "{");
		expect(answer).toMatchObject({ status: 408, isClosed: true });
	});

	test("what jsonb cannot hold is replaced, broken UTF-8 too", async () => {
		world = await startWebhookWorld();
		const body = Buffer.concat([
			Buffer.from('{"update_id":1,"message":{"chat":{"id":1,"type":"private"},"text":"x\\u0000y'),
			Buffer.from([0xff, 0xfe]),
			Buffer.from('"}}'),
		]);
		expect((await world.post(body)).status).toBe(200);
		expect(world.events[0]?.bodyJson).toContain('"text":"x\\ufffdy\ufffd\ufffd"');
	});

	test("keys of the prototype pollute nothing", async () => {
		world = await startWebhookWorld();
		const body = '{"update_id":1,"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
		expect((await world.post(body)).status).toBe(200);
		expect(Reflect.get({}, "polluted")).toBeUndefined();
		expect(world.events[0]).toMatchObject({ eventId: "1" });
	});

	test("of a key that comes twice the last counts, and it is logged", async () => {
		world = await startWebhookWorld();
		expect((await world.post('{"update_id":1,"update_id":2}')).status).toBe(200);
		expect(world.events[0]?.eventId).toBe("2");
		expect(world.log.lines).toMatchObject([
			{ level: "warn", message: "an update has a key twice, the last one counts" },
		]);
		expect((await world.post(toUpdate())).status).toBe(200);
		expect(world.log.lines).toHaveLength(1);
	});

	test.each([
		['{"message":{}}'],
		['{"update_id":"5"}'],
		['{"update_id":-1}'],
		['{"update_id":9007199254740993}'],
		['{"update_id":1e309}'],
		['{"update_id":1.5}'],
		["[]"],
		["null"],
		['"text"'],
	])("%s is quarantined once and acknowledged, so that it does not come back for ever", async (body) => {
		world = await startWebhookWorld();
		expect((await world.post(body)).status).toBe(200);
		expect((await world.post(body)).status).toBe(200);
		expect(new Set(world.events.map(({ eventId }) => eventId)).size).toBe(1);
		expect(world.events[0]).toMatchObject({
			eventId: expect.stringMatching(/^bad:[\da-f]{64}$/),
			lane: "telegram:700:0",
		});
		expect(world.log.lines[0]?.message).toContain("quarantined");
	});
});
