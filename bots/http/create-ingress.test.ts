import { afterEach, describe, expect, test } from "@jest/globals";
import { AppError } from "../../core/errors.ts";
import { openRawSocket } from "./testing/raw-socket.ts";
import type { TestIngress } from "./testing/start-ingress.ts";
import { startTestIngress } from "./testing/start-ingress.ts";

let ingress: TestIngress | undefined;

afterEach(async () => {
	await ingress?.close();
	ingress = undefined;
});

async function start(options: Parameters<typeof startTestIngress>[0] = {}): Promise<TestIngress> {
	ingress = await startTestIngress(options);
	return ingress;
}

describe("health", () => {
	test("/healthz says the process is alive, whatever the database does", async () => {
		const it = await start();
		it.core.behaviour.ready = false;
		const answer = await it.get("/healthz");
		expect(answer.status).toBe(200);
		expect(answer.json).toEqual({ status: "ok" });
	});

	test("/readyz follows the core", async () => {
		const it = await start();
		expect((await it.get("/readyz")).status).toBe(200);
		const other = await startTestIngress();
		other.core.behaviour.ready = false;
		expect((await other.get("/readyz")).status).toBe(503);
		await other.close();
	});
});

describe("what no route takes", () => {
	test("an unknown path is a 404 in our error form, with security headers and a request id", async () => {
		const it = await start();
		const answer = await it.get("/nope");
		expect(answer.status).toBe(404);
		expect(answer.json).toEqual({
			error: {
				code: "REQUEST_INVALID",
				message: "There is nothing at this address.",
				retryable: false,
				suggestion: "Check the path. The addresses are listed in docs/http-api.md.",
				supportUrl: "https://help.example",
				requestId: answer.headers["x-request-id"],
			},
		});
		expect(answer.headers["x-content-type-options"]).toBe("nosniff");
		expect(answer.headers["cache-control"]).toBe("no-store");
		expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
	});

	test.each(["/%", "/%E0%A4%A", "//evil.example/v1/chat", "/v1/chat%00", "/__proto__", "/v1/../../etc"])(
		"a strange path %s is a 404, not a crash",
		async (path) => {
			const it = await start();
			expect((await it.get(path)).status).toBe(404);
		},
	);

	test("a wrong method is a 405 with an Allow header", async () => {
		const it = await start();
		const answer = await it.get("/v1/chat");
		expect(answer.status).toBe(405);
		expect(answer.headers["allow"]).toBe("POST");
		expect(answer.json).toMatchObject({ error: { code: "REQUEST_INVALID" } });
	});

	test.each([
		["ru", "По этому адресу ничего нет."],
		["zh-CN,zh;q=0.9", "此地址不存在。"],
		["xx", "There is nothing at this address."],
	])("the words follow Accept-Language %s", async (language, message) => {
		const it = await start();
		const answer = await it.client.request({
			path: "/nope",
			method: "GET",
			headers: { "accept-language": language },
		});
		expect(await answer.body.json()).toMatchObject({ error: { message } });
	});
});

describe("raw handlers", () => {
	test("are asked in order, before the app; the first that takes the request ends it", async () => {
		const asked: string[] = [];
		const it = await start({
			handlers: [
				() => {
					asked.push("first");
					return false;
				},
				async (request, response) => {
					asked.push("second");
					if (request.url !== "/hook") return false;
					response.end("taken");
					return true;
				},
			],
		});
		expect((await it.get("/hook")).text).toBe("taken");
		expect((await it.get("/healthz")).status).toBe(200);
		expect(asked).toEqual(["first", "second", "first", "second"]);
	});

	test("one that throws is a 500 without a stack, and the cause is in the log", async () => {
		const it = await start({
			handlers: [
				() => {
					throw new Error("secret detail");
				},
			],
		});
		const answer = await it.get("/hook");
		expect(answer.status).toBe(500);
		expect(answer.json).toMatchObject({ error: { code: "INTERNAL" } });
		expect(answer.text).not.toContain("secret detail");
		expect(it.lines.some((line) => line.level === "error")).toBe(true);
	});

	test("one that rejects with an error of ours keeps its code", async () => {
		const it = await start({
			handlers: [async () => await Promise.reject(new AppError("FORBIDDEN", "no"))],
		});
		expect((await it.get("/hook")).status).toBe(403);
	});
});

describe("stop", () => {
	test("lets a request in flight finish and closes its connection", async () => {
		const it = await start();
		it.core.behaviour.answer = undefined;
		const raw = await openRawSocket(it.port);
		const body = JSON.stringify({ message: "slow" });
		raw.write(
			`POST /v1/chat HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ocg_12345678_good-key-of-account-one\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
		);
		await waitUntil(() => it.core.events.length === 1);
		const stopped = it.stop();
		it.core.finish("1", { replies: [{ markdown: "here" }] });
		const text = await raw.closed();
		expect(text).toContain("200 OK");
		expect(text.toLowerCase()).toContain("connection: close");
		expect(text).toContain('"message":"here"');
		await stopped;
	});

	test("tells a request that takes too long to come back, stops no bill, and ends in time", async () => {
		const it = await start({ limits: { stopGraceMs: 30, stopCutMs: 1_000 } });
		it.core.behaviour.answer = undefined;
		const waiting = it.post({ message: "slow" });
		await waitUntil(() => it.core.events.length === 1);
		await it.stop();
		const answer = await waiting;
		expect(answer.status).toBe(503);
		expect(answer.headers["retry-after"]).toBe("1");
		expect(answer.headers["idempotency-key"]).toMatch(/^[0-9a-f-]{36}$/);
		expect(it.core.stopped).toEqual([]);
	});

	test("cuts what does not end by itself, without stopping the bill", async () => {
		const it = await start({
			limits: { stopGraceMs: 20, stopCutMs: 20 },
			handlers: [(request) => request.url === "/stuck"],
		});
		const raw = await openRawSocket(it.port);
		raw.write("GET /stuck HTTP/1.1\r\nHost: x\r\n\r\n");
		await waitUntil(() => raw.socket.bytesWritten > 0);
		await new Promise((resolve) => setImmediate(resolve));
		await it.stop();
		await raw.closed();
	});

	test("serves at one more address until that is closed, or all is", async () => {
		const it = await start();
		const ask = async (): Promise<number> => (await fetch(`http://127.0.0.2:${it.port}/healthz`)).status;
		await expect(ask()).rejects.toThrow();
		const door = await it.ingress.listenAlso("127.0.0.2");
		await expect(it.ingress.listenAlso("127.0.0.2")).rejects.toMatchObject({ code: "EADDRINUSE" });
		expect(await ask()).toBe(200);
		await door.close();
		await expect(ask()).rejects.toThrow();
		await it.ingress.listenAlso("127.0.0.2");
		expect(await ask()).toBe(200);
		await it.stop();
		await expect(ask()).rejects.toThrow();
	});

	test("closes idle connections at once and refuses new ones", async () => {
		const it = await start();
		const raw = await openRawSocket(it.port);
		raw.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
		await raw.until('"ok"');
		await it.stop();
		await raw.closed();
		await expect(openRawSocket(it.port)).rejects.toThrow();
	});
});

async function waitUntil(isTrue: () => boolean): Promise<void> {
	for (let turn = 0; turn < 2_000 && !isTrue(); turn += 1) {
		await new Promise((resolve) => setTimeout(resolve, 1));
	}
	expect(isTrue()).toBe(true);
}
