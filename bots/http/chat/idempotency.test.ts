import { afterEach, describe, expect, test } from "@jest/globals";
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

async function until(isTrue: () => boolean): Promise<void> {
	for (let turn = 0; turn < 2_000 && !isTrue(); turn += 1) {
		await new Promise((resolve) => setTimeout(resolve, 1));
	}
	expect(isTrue()).toBe(true);
}

describe("an Idempotency-Key", () => {
	test("used twice with the same request gives the same answer once", async () => {
		const it = await start();
		const headers = { "idempotency-key": "once" };
		const first = await it.post({ message: "hi" }, headers);
		const second = await it.post({ message: "hi", stream: false }, headers);
		expect(second.json).toEqual(first.json);
		expect(it.core.events).toHaveLength(1);
	});

	test("used thirty times in parallel makes one event and thirty equal answers", async () => {
		const it = await start();
		it.core.behaviour.answer = undefined;
		const posts = Array.from({ length: 30 }, async () => {
			const response = await fetch(`${it.origin}/v1/chat`, {
				method: "POST",
				headers: {
					authorization: `Bearer ${GOOD_KEY}`,
					"content-type": "application/json",
					"idempotency-key": "par",
				},
				body: JSON.stringify({ message: "hi" }),
			});
			return await response.text();
		});
		await until(() => it.core.events.length === 1);
		it.core.finish("1", { replies: [{ markdown: "one" }] });
		expect(new Set(await Promise.all(posts)).size).toBe(1);
		expect(it.core.events).toHaveLength(1);
	});

	test.each([
		["another message", { message: "other" }],
		["another conversation", { message: "hi", conversation: "b" }],
		["another policy", { message: "hi", policy: "BEST" }],
	])("used again with %s is a 409", async (_, body) => {
		const it = await start();
		await it.post({ message: "hi" }, { "idempotency-key": "k" });
		const answer = await it.post(body, { "idempotency-key": "k" });
		expect(answer.status).toBe(409);
		expect(answer.json).toMatchObject({ error: { code: "REQUEST_INVALID", retryable: false } });
	});

	test("of one account means nothing to another", async () => {
		const it = await start();
		await it.post({ message: "mine" }, { "idempotency-key": "k" });
		const answer = await it.post(
			{ message: "theirs" },
			{ "idempotency-key": "k", authorization: `Bearer ${OTHER_KEY}` },
		);
		expect(answer.json).toMatchObject({ message: "echo theirs" });
	});

	test.each([
		["with a space", "a b"],
		["too long", "k".repeat(256)],
		["empty", ""],
		["not ASCII", "clé"],
	])("%s is a 400", async (_, key) => {
		const it = await start();
		const raw = await openRawSocket(it.port);
		raw.write(
			`POST /v1/chat HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${GOOD_KEY}\r\nIdempotency-Key: ${key}\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"message":"hi"}`,
		);
		expect(await raw.until("\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
		raw.destroy();
		expect(it.core.events).toHaveLength(0);
	});
});

describe("a caller who leaves before the JSON answer", () => {
	async function leave(it: TestIngress, headers: Record<string, string>): Promise<void> {
		it.core.behaviour.answer = undefined;
		const controller = new AbortController();
		const gone = fetch(`${it.origin}/v1/chat`, {
			method: "POST",
			headers: { authorization: `Bearer ${GOOD_KEY}`, "content-type": "application/json", ...headers },
			body: JSON.stringify({ message: "hi" }),
			signal: controller.signal,
		}).catch(() => "gone");
		await until(() => it.core.events.length === 1);
		await new Promise((resolve) => setTimeout(resolve, 5));
		controller.abort();
		expect(await gone).toBe("gone");
	}

	test("stops the bill when nobody could fetch the answer", async () => {
		const it = await start();
		await leave(it, {});
		await until(() => it.core.stopped.length === 1);
		expect(it.core.stopped).toEqual(["1"]);
	});

	test("leaves it running under a key of his own, and can fetch it", async () => {
		const it = await start();
		await leave(it, { "idempotency-key": "mine" });
		it.core.finish("1", { replies: [{ markdown: "kept" }] });
		const answer = await it.post({ message: "hi" }, { "idempotency-key": "mine" });
		expect(answer.json).toMatchObject({ message: "kept" });
		expect(it.core.stopped).toEqual([]);
	});
});
