import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { FakeProviderServer } from "../testing/fake-provider-server.ts";
import { createFakeProviderServer } from "../testing/fake-provider-server.ts";
import type { Egress } from "./create-egress.ts";
import { createEgress } from "./create-egress.ts";
import type { Health } from "./health-probe.ts";
import { createHealthProbe } from "./health-probe.ts";

let server: FakeProviderServer;
let egress: Egress;
let nowMs: number;

beforeEach(async () => {
	server = await createFakeProviderServer();
	egress = createEgress();
	nowMs = 0;
});
afterEach(async () => {
	await egress.close();
	await server.close();
});

function createProbe(timeoutMs = 5_000): () => Promise<Health> {
	const probe = createHealthProbe({ egress, timeoutMs, now: () => nowMs });
	return async () => await probe.check({ baseUrl: `${server.baseUrl("openai")}`, allowPrivateNetwork: true });
}

test("asks /health of the host once in 30 seconds, however many ask at once", async () => {
	server.answerAlways({ kind: "status", status: 200 });
	const check = createProbe();
	expect(await Promise.all([check(), check(), check()])).toEqual([1, 2, 3].map(() => ({ kind: "alive" })));
	nowMs = 29_999;
	await check();
	expect(server.requests.map(({ path }) => path)).toEqual(["/health"]);
	server.answerAlways({ kind: "status", status: 500 });
	nowMs = 30_000;
	expect(await check()).toEqual({ kind: "dead", why: "/health answered 500" });
	server.answerAlways({ kind: "status", status: 200 });
	nowMs = 59_999;
	expect(await check()).toMatchObject({ kind: "dead" });
	nowMs = 60_000;
	expect(await check()).toEqual({ kind: "alive" });
	expect(server.requests).toHaveLength(3);
});

test("one that hangs is dead after the time-out, before its head and in its body", async () => {
	server.answerAlways({ kind: "hang" });
	expect(await createProbe(50)()).toEqual({ kind: "dead", why: "/health did not answer in 50 ms" });
	server.answerAlways({
		kind: "raw",
		write: (response) => void response.writeHead(200).write("never ends"),
	});
	expect(await createProbe(50)()).toEqual({ kind: "dead", why: "/health did not answer in 50 ms" });
});

test("one that is away, or at an address nobody approved, is dead", async () => {
	server.answerAlways({ kind: "drop" });
	expect(await createProbe()()).toMatchObject({ kind: "dead" });
	const probe = createHealthProbe({ egress });
	const target = { baseUrl: server.baseUrl("openai"), allowPrivateNetwork: false };
	expect(await probe.check(target)).toEqual({ kind: "dead", why: "its address is refused: scheme" });
});
