import { afterEach, describe, expect, test } from "@jest/globals";
import { AppError } from "../../../core/errors.ts";
import { GOOD_KEY, OTHER_KEY } from "../testing/fake-core.ts";
import { openRawSocket } from "../testing/raw-socket.ts";
import type { TestIngress } from "../testing/start-ingress.ts";
import { startTestIngress } from "../testing/start-ingress.ts";

let ingress: TestIngress | undefined;

afterEach(async () => {
	await ingress?.close();
	ingress = undefined;
});

async function start(options: Parameters<typeof startTestIngress>[0] = {}): Promise<TestIngress> {
	ingress = await startTestIngress(options);
	return ingress;
}

describe("an answer", () => {
	test("carries the whole text, the replies and the usage, and names no model", async () => {
		const it = await start();
		it.core.behaviour.answer = () => ({
			replies: [
				{ markdown: "Hello", buttons: [[{ label: "Smart", data: "tier:BEST" }]] },
				{ markdown: "80 % used", attachment: { filename: "a.txt", text: "x" } },
			],
			usage: { inputTokens: 10, outputTokens: 5, chargedTokens: 15 },
			route: { provider: "secret-provider", model: "secret-model" },
			stopped: true,
		});
		const answer = await it.post({ message: "hi", conversation: "work-1", policy: "CN_OK" });
		expect(answer.status).toBe(200);
		expect(answer.json).toEqual({
			id: "1",
			conversation: "work-1",
			message: "Hello\n\n80 % used",
			replies: [
				{ markdown: "Hello", choices: ["Smart"] },
				{ markdown: "80 % used", attachment: { filename: "a.txt", text: "x" } },
			],
			usage: { inputTokens: 10, outputTokens: 5, chargedTokens: 15 },
			stopped: true,
		});
		expect(answer.text).not.toContain("secret");
	});

	test("is stored as an event of the account's conversation before anything else", async () => {
		const it = await start();
		await it.post({ message: "hi", conversation: "work-1", policy: "CHEAP" }, { "idempotency-key": "k1" });
		expect(it.core.events).toEqual([
			{
				inboxId: "1",
				platform: "http",
				botId: "http",
				eventId: "account-1:k1",
				lane: "http:http:account-1:work-1",
				bodyJson: '{"accountId":"account-1","conversation":"work-1","message":"hi","policy":"CHEAP"}',
				queueMax: 20,
			},
		]);
	});

	test("to /stop does not wait behind the answer it stops", async () => {
		const it = await start();
		await it.post({ message: " /STOP " });
		expect(it.core.events[0]?.lane).toBe("http:http:account-1:default#fast");
	});

	test("of a failed turn has the status and the words of its code, with the facts", async () => {
		const it = await start();
		it.core.behaviour.answer = () => ({
			replies: [{ markdown: "for a person" }],
			error: { code: "ROUTER_RATE_LIMITED", retryable: true, details: { retryAfterMs: 1_200 } },
		});
		const answer = await it.post({ message: "hi" });
		expect(answer.status).toBe(429);
		expect(answer.headers["retry-after"]).toBe("2");
		expect(answer.json).toMatchObject({
			error: { code: "ROUTER_RATE_LIMITED", retryable: true, requestId: answer.headers["x-request-id"] },
		});
	});

	test.each([
		["BILLING_QUOTA_EXCEEDED", 402],
		["BILLING_SUBSCRIPTION_INACTIVE", 402],
		["ROUTER_NO_PROVIDER", 503],
		["ROUTER_TIMEOUT", 504],
		["BIND_CODE_INVALID", 400],
		["FORBIDDEN", 403],
		["INSTANCE_NOT_FOUND", 404],
		["INSTANCE_PROVISIONING", 409],
	] as const)("with %s is a %i", async (code, status) => {
		const it = await start();
		it.core.behaviour.answer = () => ({ replies: [], error: { code, retryable: false } });
		const answer = await it.post({ message: "hi" });
		expect(answer.status).toBe(status);
		expect(answer.json).toMatchObject({ error: { code } });
	});

	test("that takes too long is a 504 that says how to fetch it, and the same key fetches it", async () => {
		const it = await start({ chatLimits: { waitMs: 20 } });
		it.core.behaviour.answer = undefined;
		const late = await it.post({ message: "hi" });
		expect(late.status).toBe(504);
		expect(late.json).toMatchObject({ error: { code: "ROUTER_TIMEOUT", retryable: true } });
		expect(late.text).toContain("Idempotency-Key");
		it.core.finish("1", { replies: [{ markdown: "at last" }] });
		const key = String(late.headers["idempotency-key"]);
		const answer = await it.post({ message: "hi" }, { "idempotency-key": key });
		expect(answer.json).toMatchObject({ id: "1", message: "at last" });
		expect(it.core.events).toHaveLength(1);
		expect(it.core.stopped).toEqual([]);
	});
});

describe("a key", () => {
	test.each([
		["none", undefined],
		["empty", "Bearer "],
		["only its prefix", "Bearer ocg_12345678"],
		["another scheme", `Basic ${GOOD_KEY}`],
		["no scheme", GOOD_KEY],
		["SQL in it", "Bearer ocg_12345678_x'--"],
		["10 KB of it", `Bearer ${"k".repeat(10_240)}`],
		["two of them", `Bearer ${GOOD_KEY}, Bearer ${GOOD_KEY}`],
		["a space behind it", `Bearer ${GOOD_KEY} x`],
	])("that is wrong (%s) is a 401, by one path through core", async (_, authorization) => {
		const it = await start();
		const answer = await it.client.request({
			path: "/v1/chat",
			method: "POST",
			headers: {
				"content-type": "application/json",
				...(authorization === undefined ? {} : { authorization }),
			},
			body: JSON.stringify({ message: "hi" }),
		});
		expect(answer.statusCode).toBe(401);
		expect(answer.headers["www-authenticate"]).toBe("Bearer");
		expect(await answer.body.json()).toMatchObject({ error: { code: "AUTH_INVALID_CREDENTIALS" } });
		expect(it.core.askedKeys).toHaveLength(1);
		expect(it.core.events).toHaveLength(0);
	});

	test("sent in two headers is a 401", async () => {
		const it = await start();
		const raw = await openRawSocket(it.port);
		raw.write(
			`POST /v1/chat HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${GOOD_KEY}\r\nAuthorization: Bearer ${GOOD_KEY}\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"message":"hi"}`,
		);
		expect(await raw.until("\r\n\r\n")).toMatch(/^HTTP\/1\.1 401 /);
		raw.destroy();
	});

	test("in the query string counts for nothing and is not logged", async () => {
		const it = await start();
		const answer = await it.client.request({
			path: `/v1/chat?key=${GOOD_KEY}&access_token=${GOOD_KEY}`,
			method: "POST",
			headers: { "content-type": "application/json" },
			body: JSON.stringify({ message: "hi" }),
		});
		expect(answer.statusCode).toBe(401);
		await answer.body.dump();
		expect(JSON.stringify(it.lines)).not.toContain(GOOD_KEY);
	});

	test("is limited to its requests a minute, and another key is not", async () => {
		const it = await start({ chatLimits: { requestsPerMinute: 3 } });
		for (let index = 0; index < 3; index += 1) expect((await it.post({ message: "hi" })).status).toBe(200);
		const refused = await it.post({ message: "hi" });
		expect(refused.status).toBe(429);
		expect(Number(refused.headers["retry-after"])).toBeGreaterThan(15);
		expect(refused.json).toMatchObject({ error: { code: "RATE_LIMITED", retryable: true } });
		const other = await it.post({ message: "hi" }, { authorization: `Bearer ${OTHER_KEY}` });
		expect(other.status).toBe(200);
	});
});

describe("trouble behind the door", () => {
	test("a store that fails is a 503 with Retry-After and no detail", async () => {
		const it = await start();
		it.core.behaviour.failAccept = new Error("connect ECONNREFUSED 10.0.0.1:5432");
		const answer = await it.post({ message: "hi" });
		expect(answer.status).toBe(503);
		expect(answer.headers["retry-after"]).toBe("5");
		expect(answer.json).toMatchObject({ error: { code: "INTERNAL", retryable: true } });
		expect(answer.text).not.toContain("ECONNREFUSED");
		expect(it.lines.find((line) => line.level === "error")?.fields).toMatchObject({
			err: { message: "connect ECONNREFUSED 10.0.0.1:5432" },
			requestId: answer.headers["x-request-id"],
		});
	});

	test("a store that hangs is a 503 in bounded time", async () => {
		const it = await start({ chatLimits: { storeTimeoutMs: 20 } });
		it.core.behaviour.hangAccept = true;
		expect((await it.post({ message: "hi" })).status).toBe(503);
	});

	test("an error of ours keeps its code", async () => {
		const it = await start();
		it.core.behaviour.failAccept = new AppError("CAPACITY_REACHED", "full");
		expect((await it.post({ message: "hi" })).json).toMatchObject({ error: { code: "CAPACITY_REACHED" } });
	});

	test("a full conversation is a 429 that says what to do", async () => {
		const it = await start();
		it.core.behaviour.laneFull = true;
		const answer = await it.post({ message: "hi" });
		expect(answer.status).toBe(429);
		expect(answer.json).toMatchObject({ error: { code: "RATE_LIMITED" } });
	});
});
