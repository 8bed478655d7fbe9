import { afterEach, describe, expect, test } from "@jest/globals";
import { GOOD_KEY } from "../testing/fake-core.ts";
import type { RawSocket } from "../testing/raw-socket.ts";
import { openRawSocket } from "../testing/raw-socket.ts";
import type { TestIngress } from "../testing/start-ingress.ts";
import { startTestIngress } from "../testing/start-ingress.ts";

let ingress: TestIngress | undefined;
let sockets: RawSocket[] = [];

afterEach(async () => {
	for (const raw of sockets) raw.destroy();
	sockets = [];
	await ingress?.close();
	ingress = undefined;
});

async function open(options: Parameters<typeof startTestIngress>[0] = {}): Promise<[RawSocket, TestIngress]> {
	ingress ??= await startTestIngress(options);
	const raw = await openRawSocket(ingress.port);
	sockets.push(raw);
	return [raw, ingress];
}

const CHAT_HEAD = `POST /v1/chat HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${GOOD_KEY}\r\nContent-Type: application/json\r\n`;

/** The listener must answer others while one client misbehaves. */
async function expectAlive(it: TestIngress): Promise<void> {
	expect((await it.get("/readyz")).status).toBe(200);
	expect((await it.post({ message: "still there?" })).status).toBe(200);
}

describe("slow clients", () => {
	test("headers at one byte a time end in 408 and a closed socket", async () => {
		const [raw, it] = await open({ limits: { headersTimeoutMs: 150, timeoutCheckMs: 30 } });
		const drip = setInterval(() => raw.write("a"), 20);
		raw.write("GET /healthz HTTP/1.1\r\nX-Slow: ");
		const text = await raw.closed();
		clearInterval(drip);
		expect(text).toMatch(/^HTTP\/1\.1 408 /);
		expect(text).toContain('"code":"REQUEST_INVALID"');
		await expectAlive(it);
	});

	test("the default deadline is within ten seconds", async () => {
		const { DEFAULT_INGRESS_LIMITS } = await import("./limits.ts");
		const { headersTimeoutMs, timeoutCheckMs } = DEFAULT_INGRESS_LIMITS;
		expect(headersTimeoutMs + timeoutCheckMs).toBeLessThan(10_000);
	});

	test("a body at one byte a time ends in 408 and a closed socket", async () => {
		const [raw, it] = await open({ chatLimits: { bodyTimeoutMs: 100 } });
		raw.write(`${CHAT_HEAD}Content-Length: 100\r\n\r\n`);
		const drip = setInterval(() => raw.write(" "), 20);
		const text = await raw.closed();
		clearInterval(drip);
		expect(text).toMatch(/^HTTP\/1\.1 408 /);
		expect(text.toLowerCase()).toContain("connection: close");
		expect(it.core.events).toHaveLength(0);
		await expectAlive(it);
	});

	test("a slow body for an unknown address gets its 404 soon", async () => {
		const [raw] = await open();
		raw.write("POST /nope HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n");
		expect(await raw.closed()).toMatch(/^HTTP\/1\.1 404 /);
	});

	test("a silent connection after a partial head ends too", async () => {
		const [raw] = await open({ limits: { headersTimeoutMs: 100, timeoutCheckMs: 20 } });
		raw.write("GET / HTTP/1.1\r\n");
		expect(await raw.closed()).toMatch(/^HTTP\/1\.1 408 /);
	});
});

describe("big requests", () => {
	test("a chunked body without length is cut at the cap with 413", async () => {
		const [raw, it] = await open({ chatLimits: { bodyBytesMax: 10_000 } });
		raw.write(`${CHAT_HEAD}Transfer-Encoding: chunked\r\n\r\n`);
		const chunk = `1000\r\n${"x".repeat(4096)}\r\n`;
		const drip = setInterval(() => raw.write(chunk), 2);
		const text = await raw.closed();
		clearInterval(drip);
		expect(text).toMatch(/^HTTP\/1\.1 413 /);
		expect(text).toContain("Send at most 10000 bytes.");
		expect(it.core.events).toHaveLength(0);
		await expectAlive(it);
	});

	test("a length over the cap is refused before the body", async () => {
		const [raw] = await open();
		raw.write(`${CHAT_HEAD}Content-Length: 262145\r\n\r\n`);
		expect(await raw.until("413")).toMatch(/^HTTP\/1\.1 413 /);
	});

	test("headers over 16 KiB are a 431", async () => {
		const [raw, it] = await open();
		raw.write(`GET /healthz HTTP/1.1\r\nHost: x\r\nX-Big: ${"a".repeat(20_000)}\r\n\r\n`);
		expect(await raw.closed()).toMatch(/^HTTP\/1\.1 431 /);
		await expectAlive(it);
	});

	test("a flood of small headers is a 431", async () => {
		const [raw, it] = await open();
		const flood = Array.from({ length: 1_500 }, (_, index) => `a${index}:1\r\n`).join("");
		raw.write(`GET /healthz HTTP/1.1\r\nHost: x\r\n${flood}\r\n`);
		expect(await raw.closed()).toMatch(/^HTTP\/1\.1 431 /);
		await expectAlive(it);
	});

	test("connections over the cap are dropped, the others stay served", async () => {
		const [first, it] = await open({ limits: { connectionsMax: 2 } });
		const [second] = await open();
		const [third] = await open();
		await third.closed();
		first.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
		await first.until('"ok"');
		second.destroy();
		expect(it.core.events).toHaveLength(0);
	});
});

describe("what is no proper HTTP", () => {
	test.each([
		["garbage", "\x00\x01\x02garbage\r\n\r\n", 400],
		["an absolute-form target", "GET http://evil.example/healthz HTTP/1.1\r\nHost: x\r\n\r\n", 400],
		["the target *", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 400],
		["no Host", "GET /healthz HTTP/1.1\r\n\r\n", 400],
		["two hosts", "GET /healthz HTTP/1.1\r\nHost: x\r\nhOST: y\r\n\r\n", 400],
		["HTTP/0.9", "GET /healthz\r\n\r\n", 400],
		[
			"two lengths",
			"POST /v1/chat HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
			400,
		],
		[
			"length and chunks together",
			"POST /v1/chat HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
			400,
		],
		["a TLS hello", Buffer.from("160301020001000", "hex").toString("latin1"), 400],
		["NUL in a header", "GET /healthz HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\0b\r\n\r\n", 400],
	])("%s is refused and the socket closed", async (_, bytes, status) => {
		const [raw, it] = await open();
		raw.write(bytes);
		expect(await raw.closed()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
		await expectAlive(it);
	});

	test("a broken chunk in the middle of a body is a 400", async () => {
		const [raw, it] = await open();
		raw.write(`${CHAT_HEAD}Transfer-Encoding: chunked\r\n\r\n`);
		raw.write("5\r\nhello\r\nZZ\r\n");
		expect(await raw.closed()).toMatch(/^HTTP\/1\.1 400 /);
		await expectAlive(it);
	});

	test("CONNECT and upgrades open no tunnel", async () => {
		const [raw, it] = await open();
		raw.write("CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n");
		await raw.closed();
		const [other] = await open();
		other.write("GET /nope HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
		expect(await other.until("404")).toMatch(/^HTTP\/1\.1 404 /);
		await expectAlive(it);
	});

	test("a hundred connections that leave at once hurt nobody and fill no log", async () => {
		const [, it] = await open({ chatLimits: { requestsPerMinute: 1_000 } });
		for (let index = 0; index < 100; index += 1) {
			const [raw] = await open();
			raw.write(`${CHAT_HEAD}Content-Length: 50\r\n\r\n{"mess`);
			if (index % 2 === 0) raw.socket.resetAndDestroy();
			else raw.destroy();
		}
		await expectAlive(it);
		expect(it.lines.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
	});
});
