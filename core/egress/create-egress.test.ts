import type { LookupAddress } from "node:dns";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Agent } from "undici";
import type { FakeProviderServer } from "../testing/fake-provider-server.ts";
import { createFakeProviderServer } from "../testing/fake-provider-server.ts";
import { TEST_TLS_NAME, testCertificate } from "../testing/test-certificate.ts";
import type { Egress, Resolve } from "./create-egress.ts";
import { createEgress } from "./create-egress.ts";
import { openEventStream } from "./event-stream.ts";

const closers: (() => Promise<unknown>)[] = [];
let server: FakeProviderServer;

beforeEach(async () => {
	server = await createFakeProviderServer({ tls: testCertificate });
	closers.push(server.close);
});

afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

function egressWith(resolve: Resolve, portsAllowed: readonly number[] = [server.port]): Egress {
	const egress = createEgress({ resolve, ca: testCertificate.cert, portsAllowed });
	closers.push(egress.close);
	return egress;
}

/** A resolver that answers each lookup with the next list and counts them. */
function scriptedResolve(...answers: readonly (readonly string[])[]): Resolve & { lookups: string[] } {
	const lookups: string[] = [];
	const resolve: Resolve = (hostname, callback) => {
		const addresses = answers[Math.min(lookups.length, answers.length - 1)] ?? [];
		lookups.push(hostname);
		callback(null, addresses.map(toLookupAddress));
	};
	return Object.assign(resolve, { lookups });
}

function toLookupAddress(address: string): LookupAddress {
	return { address, family: address.includes(":") ? 6 : 4 };
}

async function post(
	egress: Egress,
	url: string,
	options: { readonly lan?: boolean; readonly headers?: Record<string, string> } = {},
): Promise<string> {
	const events = openEventStream(
		egress,
		{
			url,
			headers: options.headers ?? {},
			body: "{}",
			allowPrivateNetwork: options.lan ?? false,
			timeouts: { connectMs: 500, firstByteMs: 500, idleMs: 500, totalMs: 2_000 },
			isLast: (event) => event.data === "[DONE]",
			secret: "",
		},
		new AbortController().signal,
	);
	let count = 0;
	for await (const batch of events) count += batch.length;
	return `${count} events`;
}

/** A socket is free a moment after its answer was read. */
async function untilIdle(egress: Egress): Promise<void> {
	const agent = egress.dispatcher({ allowPrivateNetwork: true, connectMs: 500 }) as Agent;
	for (let turns = 0; turns < 1_000; turns += 1) {
		if (Object.values(agent.stats).every((stats) => "free" in stats && stats.free === 1)) return;
		await new Promise((resolve) => setImmediate(resolve));
	}
	throw new Error("the socket was not given back");
}

const refused = { code: "ROUTER_NO_PROVIDER", details: { cause: "refused-address" } };

test("the socket goes to the address that was checked, with the name as SNI, after one lookup", async () => {
	const resolve = scriptedResolve(["127.0.0.1"]);
	let sni: string | false | null = null;
	server.answerAlways({
		kind: "raw",
		write(response, request) {
			sni = (request.socket as TLSSocket).servername;
			response.writeHead(200, { "content-type": "text/event-stream" });
			response.end("data: [DONE]\n\n");
		},
	});
	const url = `https://${TEST_TLS_NAME}:${server.port}/v1`;
	await expect(post(egressWith(resolve), url, { lan: true })).resolves.toBe("1 events");
	expect(sni).toBe(TEST_TLS_NAME);
	expect(server.requests[0]?.headers.host).toBe(`${TEST_TLS_NAME}:${server.port}`);
	expect(resolve.lookups).toEqual([TEST_TLS_NAME]);
});

test("a name that turns to another address later (rebinding) stays on the checked one for the life of the connection", async () => {
	const resolve = scriptedResolve(["127.0.0.1"], ["169.254.169.254"]);
	const egress = egressWith(resolve);
	const url = `https://${TEST_TLS_NAME}:${server.port}/v1`;
	await post(egress, url, { lan: true });
	await untilIdle(egress);
	await post(egress, url, { lan: true });
	expect(resolve.lookups).toHaveLength(1);
	expect(server.connectionCount()).toBe(1);
	// A new connection looks again, and the new address is refused.
	const other = egressWith(scriptedResolve(["169.254.169.254"]));
	await expect(post(other, url, { lan: true })).rejects.toMatchObject(refused);
});

test.each([
	["a private address", ["127.0.0.1"]],
	["a public and a loopback address", ["93.184.216.34", "::1"]],
	["a public and a metadata address", ["93.184.216.34", "169.254.169.254"]],
	["an IPv4-mapped address", ["::ffff:127.0.0.1"]],
	["a NAT64 address", ["64:ff9b::7f00:1"]],
])("a public name with %s is refused before any connection", async (_, addresses) => {
	const egress = egressWith(scriptedResolve(addresses));
	await expect(post(egress, `https://${TEST_TLS_NAME}:${server.port}/v1`)).rejects.toMatchObject(refused);
	expect(server.connectionCount()).toBe(0);
});

test("a literal of a private address is refused before any connection", async () => {
	const egress = egressWith(scriptedResolve([]));
	await expect(post(egress, `https://127.0.0.1:${server.port}/v1`)).rejects.toMatchObject(refused);
	expect(server.connectionCount()).toBe(0);
});

test("a certificate for another name is refused", async () => {
	const egress = egressWith(scriptedResolve(["127.0.0.1"]));
	const call = post(egress, `https://other.example.com:${server.port}/v1`, { lan: true });
	await expect(call).rejects.toMatchObject({
		code: "ROUTER_NO_PROVIDER",
		details: { cause: "unreachable" },
	});
	expect(server.requests).toHaveLength(0);
});

test("a name without an address is unreachable", async () => {
	const egress = egressWith((_, callback) =>
		callback(Object.assign(new Error("no such name"), { code: "ENOTFOUND" }), []),
	);
	await expect(post(egress, "https://nowhere.example.com/v1")).rejects.toMatchObject({
		code: "ROUTER_NO_PROVIDER",
		details: { cause: "unreachable" },
	});
});

test("a redirect is not followed, so its target never sees our key", async () => {
	const other = await createFakeProviderServer();
	closers.push(other.close);
	server.answerAlways({ kind: "status", status: 302, headers: { location: other.baseUrl("openai") } });
	const egress = egressWith(scriptedResolve(["127.0.0.1"]));
	const call = post(egress, `https://${TEST_TLS_NAME}:${server.port}/v1`, {
		lan: true,
		headers: { authorization: "Bearer k" },
	});
	await expect(call).rejects.toMatchObject({ code: "ROUTER_NO_PROVIDER", details: { status: 302 } });
	expect(other.connectionCount()).toBe(0);
});

test("a proxy named by the environment is not used", async () => {
	const proxy: Server = createServer();
	let seen = 0;
	proxy.on("connection", () => {
		seen += 1;
	});
	await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
	closers.push(async () => await new Promise((resolve) => proxy.close(resolve)));
	const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
	const before = { ...process.env };
	for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"]) {
		process.env[name] = proxyUrl;
	}
	process.env["NODE_USE_ENV_PROXY"] = "1";
	try {
		const egress = egressWith(scriptedResolve(["127.0.0.1"]));
		await post(egress, `https://${TEST_TLS_NAME}:${server.port}/v1`, { lan: true });
	} finally {
		process.env = before;
	}
	expect(seen).toBe(0);
	expect(server.requests).toHaveLength(1);
});

test("plain http does not leave the local network", async () => {
	const egress = egressWith(scriptedResolve(["127.0.0.1"]));
	await expect(post(egress, `http://${TEST_TLS_NAME}:${server.port}/v1`)).rejects.toMatchObject(refused);
	expect(server.connectionCount()).toBe(0);
});
