import { once } from "node:events";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { AcceptOutcome, InboundEvent } from "../../../core/core.ts";
import type { TelegramLog } from "../telegram-log.ts";
import type { WebhookHandlerOptions } from "./webhook-handler.ts";
import { createWebhookHandler } from "./webhook-handler.ts";
import { derivePath, deriveSecret } from "./webhook-secret.ts";

const MASTER = "m4ster-secret_of-43-characters-ABCDEFGHIJKLM";
const botId = "700";
const path = derivePath(MASTER, botId);
const secret = deriveSecret(MASTER, botId);
const oldSecret = deriveSecret(`${MASTER}-old`, botId);

let http: Server;
let events: InboundEvent[];
let logged: { readonly level: string; readonly message: string }[];
let accept: (event: InboundEvent) => Promise<AcceptOutcome>;

async function start(options: Partial<WebhookHandlerOptions> = {}): Promise<void> {
	const write = (level: string) => (_: object, message: string) => void logged.push({ level, message });
	const log: TelegramLog = { info: write("info"), warn: write("warn"), error: write("error") };
	const handler = createWebhookHandler({
		core: { accept: async (event) => await accept(event) },
		bots: [{ botId, paths: [path], secrets: [secret, oldSecret] }],
		toStorableJson: (raw) => raw.replaceAll("\\u0000", "\\ufffd"),
		log,
		...options,
	});
	http = createServer((request, response) => {
		if (!handler(request, response)) response.writeHead(418).end();
	});
	http.listen(0, "127.0.0.1");
	await once(http, "listening");
}

beforeEach(() => {
	events = [];
	logged = [];
	accept = async (event) => {
		events.push(event);
		return { kind: "new", inboxId: String(events.length) };
	};
});

afterEach(async () => {
	http.closeAllConnections();
	http.close();
	await once(http, "close");
});

type Sent = { readonly status: number; readonly headers: string; readonly isClosed: boolean };

/** Writes raw bytes and reads one answer; `body` undefined leaves the request unfinished. */
async function send(head: readonly string[], ...pieces: readonly (string | Buffer)[]): Promise<Sent> {
	const socket = connect((http.address() as AddressInfo).port, "127.0.0.1");
	const chunks: Buffer[] = [];
	let isClosed = false;
	socket.on("error", () => {});
	socket.on("close", () => {
		isClosed = true;
	});
	socket.write(`${head.join("\r\n")}\r\n\r\n`);
	for (const piece of pieces) socket.write(piece);
	return await new Promise<Sent>((resolve) => {
		const finish = () => {
			const headers = Buffer.concat(chunks).toString().split("\r\n\r\n")[0] ?? "";
			resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(headers)?.[1] ?? 0), headers, isClosed });
			socket.destroy();
		};
		socket.on("close", finish);
		socket.on("data", (chunk: Buffer) => {
			chunks.push(chunk);
			const text = Buffer.concat(chunks).toString();
			if (text.includes("\r\n\r\n") && !/^connection: close/im.test(text)) finish();
		});
	});
}

function head(
	extra: readonly string[] = [],
	options: { path?: string; method?: string; secret?: string } = {},
) {
	return [
		`${options.method ?? "POST"} ${options.path ?? path} HTTP/1.1`,
		"host: x",
		"content-type: application/json",
		`X-Telegram-Bot-Api-Secret-Token: ${options.secret ?? secret}`,
		...extra,
	];
}

async function post(body: string | Buffer, extra: readonly string[] = []): Promise<Sent> {
	return await send(head([`content-length: ${Buffer.byteLength(body)}`, ...extra]), body);
}

const update = (fields: object = {}) =>
	JSON.stringify({
		update_id: 5,
		message: { message_id: 1, date: 1, chat: { id: 9, type: "private" }, from: { id: 9 }, text: "hi" },
		...fields,
	});

describe("what is refused before the body", () => {
	test("another path is not for Telegram; an unknown one of ours is 404", async () => {
		await start();
		expect((await send(head(["content-length: 5"], { path: "/v1/chat" }))).status).toBe(418);
		expect((await send(head(["content-length: 5"], { path: "/telegram/unknown" }))).status).toBe(404);
		expect((await send(head(["content-length: 5"], { path: `${path}/x` }))).status).toBe(404);
	});

	test.each([
		["no secret", []],
		["a wrong secret of equal length", [`x-telegram-bot-api-secret-token: ${"x".repeat(43)}`]],
		["the master secret", [`x-telegram-bot-api-secret-token: ${MASTER}`]],
	])("%s is 401, with the body unread", async (_, extra) => {
		await start();
		const lines = head(["content-length: 1000000"]).filter((line) => !/secret/i.test(line));
		expect(await send([...lines, ...extra])).toMatchObject({ status: 401, isClosed: true });
		expect(events).toEqual([]);
	});

	test("the secret twice, or joined by a comma, is 401", async () => {
		await start();
		const twice = head([`x-telegram-bot-api-secret-token: ${secret}`, "content-length: 2"]);
		expect((await send(twice, "{}")).status).toBe(401);
		const joined = head(["content-length: 2"], { secret: `${secret},${secret}` });
		expect((await send(joined, "{}")).status).toBe(401);
		expect((await send(head(["content-length: 2"], { secret: "" }), "{}")).status).toBe(401);
	});

	test("both secrets of a change are taken", async () => {
		await start();
		const body = update();
		const lines = head([`content-length: ${body.length}`], { secret: oldSecret });
		expect((await send(lines, body)).status).toBe(200);
	});

	test.each([
		["another method", "PUT", "content-type: application/json", 405],
		["another content type", "POST", "content-type: text/plain", 415],
		["a gzip bomb", "POST", "content-type: application/json\r\ncontent-encoding: gzip", 415],
	])("%s is refused", async (_, method, type, status) => {
		await start();
		const bomb = gzipSync(Buffer.alloc(1_000_000));
		const lines = head([], { method }).filter((line) => !line.startsWith("content-type"));
		expect((await send([...lines, type, `content-length: ${bomb.length}`], bomb)).status).toBe(status);
		expect(events).toEqual([]);
	});
});

describe("bodies", () => {
	test.each([
		["nothing", "", 400],
		["no JSON", "{", 400],
		["a tower of brackets", `{"update_id":1,"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}`, 400],
		["a tower of objects", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`, 400],
	])("%s is 400", async (_, body, status) => {
		await start();
		expect((await post(body)).status).toBe(status);
		expect(events).toEqual([]);
	});

	test("more than 1 MiB is 413 and the connection ends, announced or not", async () => {
		await start();
		const announced = await send(head(["content-length: 1048577"]), "{");
		expect(announced).toMatchObject({ status: 413, isClosed: true });
		const chunk = Buffer.from(`10000\r\n${" ".repeat(65_536)}\r\n`);
		const endless = Array.from({ length: 17 }, () => chunk);
		const chunked = await send(head(["transfer-encoding: chunked"]), ...endless);
		expect(chunked).toMatchObject({ status: 413, isClosed: true });
		expect(events).toEqual([]);
	});

	test("exactly 1 MiB is taken", async () => {
		await start();
		const body = update().padEnd(1_048_576, " ");
		expect((await post(body)).status).toBe(200);
	});

	test("a body that trickles is 408", async () => {
		await start({ bodyTimeoutMs: 100 });
		const answer = await send(head(["content-length: 1000"]), "{");
		expect(answer).toMatchObject({ status: 408, isClosed: true });
	});

	test("what jsonb cannot hold is replaced, broken UTF-8 too", async () => {
		await start();
		const body = Buffer.concat([
			Buffer.from('{"update_id":1,"a":"x\\u0000y'),
			Buffer.from([0xff, 0xfe]),
			Buffer.from('"}'),
		]);
		expect((await post(body)).status).toBe(200);
		expect(events[0]?.bodyJson).toBe('{"update_id":1,"a":"x\\ufffdy\ufffd\ufffd"}');
	});

	test("keys of the prototype pollute nothing", async () => {
		await start();
		const body = '{"update_id":1,"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
		expect((await post(body)).status).toBe(200);
		expect(Reflect.get({}, "polluted")).toBeUndefined();
		expect(events[0]).toMatchObject({ eventId: "1" });
	});

	test("of a key that comes twice the last counts, and it is logged", async () => {
		await start();
		expect((await post('{"update_id":1,"update_id":2}')).status).toBe(200);
		expect(events[0]?.eventId).toBe("2");
		expect(logged).toEqual([{ level: "warn", message: "an update has a key twice, the last one counts" }]);
		expect((await post(update())).status).toBe(200);
		expect(logged).toHaveLength(1);
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
		await start();
		expect((await post(body)).status).toBe(200);
		expect((await post(body)).status).toBe(200);
		expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(1);
		expect(events[0]).toMatchObject({
			eventId: expect.stringMatching(/^bad:[\da-f]{64}$/),
			lane: "telegram:700:0",
		});
		expect(logged[0]?.message).toContain("quarantined");
	});
});

describe("acknowledgement", () => {
	test("the event is what the channel needs, whatever core makes of it", async () => {
		await start();
		for (const kind of ["new", "duplicate", "conflict", "refused"] as const) {
			accept = async (event) => {
				events.push(event);
				return { kind, inboxId: "1" };
			};
			expect((await post(update())).status).toBe(200);
		}
		expect(events[0]).toEqual({
			platform: "telegram",
			botId,
			eventId: "5",
			lane: "telegram:700:9",
			bodyJson: update(),
			queueMax: 20,
		});
	});

	test("nothing is acknowledged before the commit", async () => {
		await start();
		let commit: (outcome: AcceptOutcome) => void = () => {};
		const reached = new Promise<void>((resolve) => {
			accept = async () => {
				resolve();
				return await new Promise<AcceptOutcome>((done) => {
					commit = done;
				});
			};
		});
		let isAnswered = false;
		const answer = post(update()).then((sent) => {
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
		await start({ acceptTimeoutMs: 50 });
		accept = async () => await Promise.reject(new Error("down"));
		const failed = await post(update());
		expect(failed).toMatchObject({ status: 503, headers: expect.stringMatching(/retry-after: 5/i) });
		accept = async () => await new Promise<AcceptOutcome>(() => {});
		expect((await post(update())).status).toBe(503);
		// One line a second, however many fail.
		expect(logged.filter(({ level }) => level === "error")).toHaveLength(1);
	});

	test("more than can be held at a time is asked to come back", async () => {
		await start({ inFlightMax: 1 });
		let commit: (outcome: AcceptOutcome) => void = () => {};
		const reached = new Promise<void>((resolve) => {
			accept = async () => {
				resolve();
				return await new Promise<AcceptOutcome>((done) => {
					commit = done;
				});
			};
		});
		const first = post(update());
		await reached;
		expect((await post(update())).status).toBe(503);
		commit({ kind: "new", inboxId: "1" });
		expect((await first).status).toBe(200);
	});

	test("one connection serves one update after the other", async () => {
		await start();
		const socket = connect((http.address() as AddressInfo).port, "127.0.0.1");
		const body = update();
		let text = "";
		socket.on("data", (chunk: Buffer) => {
			text += chunk.toString();
		});
		for (let at = 1; at <= 3; at += 1) {
			socket.write(`${head([`content-length: ${body.length}`]).join("\r\n")}\r\n\r\n${body}`);
			while ((text.match(/200 OK/g) ?? []).length < at) await once(socket, "data");
		}
		expect(events).toHaveLength(3);
		socket.destroy();
	});
});

describe("boot", () => {
	test.each([
		["no secret", []],
		["an empty secret", [""]],
		["a short one", ["x".repeat(42)]],
		["a repetitive one", ["ab".repeat(30)]],
		["a sign Telegram refuses", [`${"aB3-_defgh".repeat(5)}!`]],
	])("%s does not start", async (_, secrets) => {
		await start();
		const bots = [{ botId, paths: [path], secrets }];
		const log: TelegramLog = { info: () => {}, warn: () => {}, error: () => {} };
		const core = { accept: async (event: InboundEvent) => await accept(event) };
		expect(() => createWebhookHandler({ core, bots, log, toStorableJson: (raw) => raw })).toThrow(/secret/);
	});
});
