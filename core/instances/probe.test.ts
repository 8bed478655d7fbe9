import { once } from "node:events";
import type { RequestListener, Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import type { Health } from "./cell.ts";
import { probeCell } from "./probe.ts";

const PROBES = { live: "/live", started: "/started", ready: "/ready" };
const servers: Server[] = [];

afterEach(() => {
	for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function probe(listener: RequestListener): Promise<Health> {
	const server = createServer(listener).listen(0, "127.0.0.1");
	servers.push(server);
	await once(server, "listening");
	return await probeCell({ host: "127.0.0.1", port: (server.address() as AddressInfo).port }, PROBES);
}

test("what answers all three is ready", async () => {
	const health = await probe((_, response) => response.end("ok"));
	expect(health).toEqual({ isLive: true, isStarted: true, isReady: true });
});

test("what is not ready says why", async () => {
	const health = await probe((request, response) => {
		response.statusCode = request.url === "/ready" ? 503 : 200;
		response.end('{"channel":\n "telegram"}');
	});
	expect(health).toEqual({
		...{ isLive: true, isStarted: true, isReady: false },
		why: 'it answers 503: {"channel": "telegram"}',
	});
});

test("what hangs or closes is not live, and nobody waits longer than three seconds", async () => {
	const hanging = await probe(() => undefined);
	expect(hanging).toMatchObject({ isLive: false, isReady: false, why: "it does not answer" });
	const closing = await probe((request) => request.socket.destroy());
	expect(closing).toMatchObject({ isLive: false });
	expect(await probeCell({ host: "127.0.0.1", port: 1 }, PROBES)).toMatchObject({ isLive: false });
});

test("of an answer without end no more than a little is read", async () => {
	let written = 0;
	const health = await probe((_, response) => {
		const go = (): void => {
			while (!response.destroyed && response.write("x".repeat(16_384))) written += 16_384;
			if (!response.destroyed) response.once("drain", go);
		};
		go();
	});
	expect(health).toEqual({ isLive: true, isStarted: true, isReady: true });
	expect(written).toBeLessThan(50 * 1024 * 1024);
});
