import { once } from "node:events";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { FakeChat } from "../testing/fake-chat.ts";
import type { FakeBot, FakeTelegram } from "../testing/fake-telegram.ts";
import { startFakeTelegram } from "../testing/fake-telegram.ts";
import { CallFailure } from "./call-failure.ts";
import type { TelegramTransport } from "./transport.ts";
import { createTransport } from "./transport.ts";

let telegram: FakeTelegram;
let bot: FakeBot;
let chat: FakeChat;
let transport: TelegramTransport;

beforeEach(async () => {
	telegram = await startFakeTelegram({ seed: 3 });
	bot = telegram.addBot();
	chat = bot.privateChat({ id: 5 });
	chat.sendText("hi");
	transport = createTransport({ apiRoot: telegram.url });
});

afterEach(async () => {
	await transport.close();
	await telegram.close();
});

async function failureOf(call: Promise<unknown>): Promise<CallFailure> {
	const error = await call.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(CallFailure);
	return error as CallFailure;
}

const say = { chat_id: 5, text: "x" };

test("answers come back as Telegram gave them", async () => {
	expect(await transport.call(bot.token, "sendMessage", say)).toMatchObject({
		ok: true,
		result: { text: "x" },
	});
	expect(await transport.call(bot.token, "sendMessage", { chat_id: 5, text: "" })).toMatchObject({
		ok: false,
		error_code: 400,
		description: "Bad Request: message text is empty",
	});
	expect(await transport.call("1:wrong-token", "getMe", {})).toMatchObject({ ok: false, error_code: 401 });
});

test("a file travels as multipart under a name that cannot reach out", async () => {
	const content = Buffer.from("зміст\r\n--not-a-boundary\r\n");
	const upload = { field: "document", filename: '../../etc/"pass\r\nwd\u0000.txt', content };
	const answer = await transport.call(bot.token, "sendDocument", { chat_id: 5, caption: "c" }, { upload });
	expect(answer.ok).toBe(true);
	expect(chat.visibleMessages()[0]).toMatchObject({
		text: "c",
		document: { filename: "pass_wd_.txt", content: "зміст\r\n--not-a-boundary\r\n" },
	});
});

describe("what certainly did not happen", () => {
	test("nobody listens", async () => {
		const server = createServer().listen(0, "127.0.0.1");
		await once(server, "listening");
		const { port } = server.address() as AddressInfo;
		server.close();
		await once(server, "close");
		const closed = createTransport({ apiRoot: `http://127.0.0.1:${port}` });
		const failure = await failureOf(closed.call(bot.token, "sendMessage", say));
		expect(failure).toMatchObject({ mayHaveHappened: false, why: "ECONNREFUSED" });
		await closed.close();
	});

	test("the name does not resolve", async () => {
		const nowhere = createTransport({ apiRoot: "http://telegram.invalid" });
		expect((await failureOf(nowhere.call(bot.token, "getMe", {}))).mayHaveHappened).toBe(false);
		await nowhere.close();
	});

	test("it speaks no TLS", async () => {
		const tls = createTransport({ apiRoot: telegram.url.replace("http:", "https:") });
		expect((await failureOf(tls.call(bot.token, "sendMessage", say))).mayHaveHappened).toBe(false);
		expect(chat.visibleTexts()).toEqual([]);
		await tls.close();
	});

	test("no connection became free in time", async () => {
		const narrow = createTransport({ apiRoot: telegram.url, connectionsMax: 1 });
		chat.faults.failNext("sendMessage", { kind: "hang", ms: 300 });
		const first = narrow.call(bot.token, "sendMessage", say);
		const second = narrow.call(bot.token, "sendMessage", { ...say, text: "y" }, { timeoutMs: 50 });
		expect(await failureOf(second)).toMatchObject({ mayHaveHappened: false, why: "timed out" });
		expect((await first).ok).toBe(true);
		expect((await narrow.call(bot.token, "sendMessage", { ...say, text: "z" })).ok).toBe(true);
		expect(chat.visibleTexts()).toEqual(["x", "z"]);
		await narrow.close();
	});

	test("a proxy did not let it through", async () => {
		bot.faults.failNext("sendMessage", { kind: "html-error", status: 407 });
		expect((await failureOf(transport.call(bot.token, "sendMessage", say))).mayHaveHappened).toBe(false);
	});
});

describe("what may have happened", () => {
	test("the connection died after the request", async () => {
		chat.faults.failNext("sendMessage", { kind: "drop-after" });
		expect((await failureOf(transport.call(bot.token, "sendMessage", say))).mayHaveHappened).toBe(true);
		expect(chat.visibleTexts()).toEqual(["x"]);
	});

	test("no answer in time, or nobody waits any more", async () => {
		bot.faults.failNext("sendMessage", { kind: "hang", ms: 500 }, 2);
		const late = transport.call(bot.token, "sendMessage", say, { timeoutMs: 50 });
		expect(await failureOf(late)).toMatchObject({ mayHaveHappened: true, why: "timed out" });
		const aborter = new AbortController();
		const aborted = transport.call(bot.token, "sendMessage", say, { signal: aborter.signal });
		setTimeout(() => aborter.abort(), 50);
		expect(await failureOf(aborted)).toMatchObject({ mayHaveHappened: true, why: "aborted" });
	});

	test("a proxy answers in Telegram's place", async () => {
		bot.faults.failNext("sendMessage", { kind: "html-error", status: 502 });
		expect(await failureOf(transport.call(bot.token, "sendMessage", say))).toMatchObject({
			mayHaveHappened: true,
			why: "HTTP 502 without a Bot API answer",
		});
	});

	test("the answer is cut off or is no answer", async () => {
		for (const reply of [
			'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"ok":true',
			"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
			'HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{"ok":false}',
		]) {
			const { server, sockets } = await listenOnce(reply);
			const { port } = server.address() as AddressInfo;
			const odd = createTransport({ apiRoot: `http://127.0.0.1:${port}` });
			expect((await failureOf(odd.call(bot.token, "getMe", {}))).mayHaveHappened).toBe(true);
			await odd.close();
			for (const socket of sockets) socket.destroy();
			server.close();
		}
	});
});

test("no failure tells the token", async () => {
	telegram.setOutage("refuse");
	const refused = await failureOf(transport.call(bot.token, "sendMessage", say));
	telegram.setOutage("bad-gateway");
	const proxied = await failureOf(transport.call(bot.token, "sendMessage", say));
	for (const failure of [refused, proxied]) {
		const secret = bot.token.split(":")[1] ?? "";
		expect(`${failure.stack}${JSON.stringify(failure)}${String(failure.cause)}`).not.toContain(secret);
	}
});

test("an already aborted call is never made", async () => {
	const call = transport.call(bot.token, "sendMessage", say, { signal: AbortSignal.abort() });
	expect((await failureOf(call)).why).toBe("aborted");
});

test("many calls share few connections", async () => {
	const calls = Array.from({ length: 500 }, async (_, at) => {
		return await transport.call(bot.token, "sendMessage", { chat_id: 5, text: String(at) });
	});
	expect((await Promise.all(calls)).every(({ ok }) => ok)).toBe(true);
	expect(chat.visibleTexts()).toHaveLength(500);
});

async function listenOnce(reply: string): Promise<{ server: Server; sockets: Socket[] }> {
	const sockets: Socket[] = [];
	const server = createServer((socket) => {
		sockets.push(socket);
		socket.on("error", () => {});
		socket.once("data", () => socket.end(reply));
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return { server, sockets };
}
