import { once } from "node:events";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { AcceptOutcome } from "../../../core/core.ts";
import type { WebhookWorld } from "../testing/webhook-world.ts";
import {
	BOT_ID,
	MASTER,
	OLD_SECRET,
	PATH,
	SECRET,
	startWebhookWorld,
	toHead,
	toUpdate,
} from "../testing/webhook-world.ts";

let world: WebhookWorld;

afterEach(async () => await world.close());

describe("what is refused before the body", () => {
	test("another path is not for Telegram; an unknown one of ours is 404", async () => {
		world = await startWebhookWorld();
		expect((await world.send(toHead(["content-length: 5"], { path: "/v1/chat" }))).status).toBe(418);
		expect((await world.send(toHead(["content-length: 5"], { path: "/telegram/unknown" }))).status).toBe(404);
		expect((await world.send(toHead(["content-length: 5"], { path: `${PATH}/x` }))).status).toBe(404);
	});

	test.each([
		["no secret", []],
		["a wrong secret of equal length", [`x-telegram-bot-api-secret-token: ${"x".repeat(43)}`]],
		["the master secret", [`x-telegram-bot-api-secret-token: ${MASTER}`]],
	])("%s is 401, with the body unread", async (_, extra) => {
		world = await startWebhookWorld();
		const lines = toHead(["content-length: 1000000"]).filter((line) => !/secret/i.test(line));
		expect(await world.send([...lines, ...extra])).toMatchObject({ status: 401, isClosed: true });
		expect(world.events).toEqual([]);
	});

	test("the secret twice, or joined by a comma, is 401", async () => {
		world = await startWebhookWorld();
		const twice = toHead([`x-telegram-bot-api-secret-token: ${SECRET}`, "content-length: 2"]);
		expect((await world.send(twice, "{}")).status).toBe(401);
		const joined = toHead(["content-length: 2"], { secret: `${SECRET},${SECRET}` });
		expect((await world.send(joined, "{}")).status).toBe(401);
		expect((await world.send(toHead(["content-length: 2"], { secret: "" }), "{}")).status).toBe(401);
	});

	test("both secrets of a change are taken", async () => {
		world = await startWebhookWorld();
		const body = toUpdate();
		const lines = toHead([`content-length: ${body.length}`], { secret: OLD_SECRET });
		expect((await world.send(lines, body)).status).toBe(200);
	});

	test.each([
		["another method", "PUT", "content-type: application/json", 405],
		["another content type", "POST", "content-type: text/plain", 415],
		["a gzip bomb", "POST", "content-type: application/json\r\ncontent-encoding: gzip", 415],
	])("%s is refused", async (_, method, type, status) => {
		world = await startWebhookWorld();
		const bomb = gzipSync(Buffer.alloc(1_000_000));
		const lines = toHead([], { method }).filter((line) => !line.startsWith("content-type"));
		expect((await world.send([...lines, type, `content-length: ${bomb.length}`], bomb)).status).toBe(status);
		expect(world.events).toEqual([]);
	});
});

describe("acknowledgement", () => {
	test("the event is what the channel needs, whatever core makes of it", async () => {
		world = await startWebhookWorld();
		for (const kind of ["new", "duplicate", "conflict", "refused"] as const) {
			world.accept = async (event) => {
				world.events.push(event);
				return { kind, inboxId: "1" };
			};
			expect((await world.post(toUpdate())).status).toBe(200);
		}
		expect(world.events[0]).toEqual({
			platform: "telegram",
			botId: BOT_ID,
			eventId: "5",
			lane: "telegram:700:9",
			bodyJson: toUpdate(),
			queueMax: 20,
		});
	});

	test("nothing is acknowledged before the commit", async () => {
		world = await startWebhookWorld();
		let commit: (outcome: AcceptOutcome) => void = () => {};
		const reached = new Promise<void>((resolve) => {
			world.accept = async () => {
				resolve();
				return await new Promise<AcceptOutcome>((done) => {
					commit = done;
				});
			};
		});
		let isAnswered = false;
		const answer = world.post(toUpdate()).then((sent) => {
			isAnswered = true;
			return sent;
		});
		await reached;
		await new Promise((resolve) => setImmediate(resolve));
		expect(isAnswered).toBe(false);
		commit({ kind: "new", inboxId: "1" });
		expect((await answer).status).toBe(200);
	});

	test("a database that fails or hangs is 503 with a time to come back", async () => {
		world = await startWebhookWorld({ acceptTimeoutMs: 50 });
		world.accept = async () => await Promise.reject(new Error("down"));
		const failed = await world.post(toUpdate());
		expect(failed).toMatchObject({ status: 503, headers: expect.stringMatching(/retry-after: 5/i) });
		world.accept = async () => await new Promise<AcceptOutcome>(() => {});
		expect((await world.post(toUpdate())).status).toBe(503);
		// One line a second, however many fail.
		expect(world.log.lines.filter(({ level }) => level === "error")).toHaveLength(1);
	});

	test("more than can be held at a time is asked to come back", async () => {
		world = await startWebhookWorld({ inFlightMax: 1 });
		let commit: (outcome: AcceptOutcome) => void = () => {};
		const reached = new Promise<void>((resolve) => {
			world.accept = async () => {
				resolve();
				return await new Promise<AcceptOutcome>((done) => {
					commit = done;
				});
			};
		});
		const first = world.post(toUpdate());
		await reached;
		expect((await world.post(toUpdate())).status).toBe(503);
		commit({ kind: "new", inboxId: "1" });
		expect((await first).status).toBe(200);
	});

	test("one connection serves one update after the other", async () => {
		world = await startWebhookWorld();
		const socket = connect(world.port, "127.0.0.1");
		const body = toUpdate();
		let text = "";
		socket.on("data", (chunk: Buffer) => {
			text += chunk.toString();
		});
		for (let at = 1; at <= 3; at += 1) {
			socket.write(`${toHead([`content-length: ${body.length}`]).join("\r\n")}\r\n\r\n${body}`);
			while ((text.match(/200 OK/g) ?? []).length < at) await once(socket, "data");
		}
		expect(world.events).toHaveLength(3);
		socket.destroy();
	});
});
