import { describe, expect, test } from "@jest/globals";
import type { FakeAnswer } from "../../../core/testing/fake-provider-server.ts";
import { PATHS, post, toBody } from "./ask-raw.ts";
import { modelNamed, useGateway } from "./use-gateway.ts";

/** A node with the external proxy, and two calls to it. */
function useProxy(health: FakeAnswer, answer: FakeAnswer) {
	const gateway = useGateway({
		vendors: [{ id: "proxy", dialect: "anthropic" }],
		env: { PROVIDER_FIRST_BYTE_TIMEOUT_MS: "30000" },
	});
	return async () => {
		const proxy = gateway.vendorNamed("proxy");
		proxy.answerAlways(({ path }) => (path === "/health" ? health : answer));
		const body = toBody("anthropic", modelNamed("proxy"));
		const ask = async () =>
			(await post(gateway.origin(), PATHS.anthropic, { key: gateway.person().key, body })).status;
		const statuses = [await ask(), await ask()];
		return { statuses, paths: proxy.requests.map(({ path }) => path) };
	};
}

describe("a proxy that lives", () => {
	const callTwice = useProxy({ kind: "status", status: 200, body: "{}" }, { kind: "text" });

	test("is asked for its health once in a while, and does its work", async () => {
		const { statuses, paths } = await callTwice();
		expect(statuses).toEqual([200, 200]);
		expect(paths).toEqual(["/health", "/v1/messages", "/v1/messages"]);
	});
});

describe("a proxy that is dead", () => {
	const callTwice = useProxy({ kind: "status", status: 503 }, { kind: "hang" });

	test("is told at once, and no call waits for it", async () => {
		const startedAt = performance.now();
		const { statuses, paths } = await callTwice();
		expect(statuses).toEqual([503, 503]);
		expect(paths).toEqual(["/health"]);
		expect(performance.now() - startedAt).toBeLessThan(10_000);
	});
});
