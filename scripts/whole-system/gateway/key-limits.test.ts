import { expect, test } from "@jest/globals";
import { eventually } from "../../../core/testing/eventually.ts";
import { PATHS, post, toBody } from "./ask-raw.ts";
import { modelOf, useGateway } from "./use-gateway.ts";

const gateway = useGateway({ env: { GATEWAY_REQUESTS_PER_MINUTE: "5", GATEWAY_CONCURRENCY: "2" } });

const chat = async (key: string) =>
	await post(gateway.origin(), PATHS.openai, { key, body: toBody("openai", modelOf("openai")) });

test("over its requests a minute a key is asked to come back; another key of other people is not", async () => {
	const { key } = await gateway.addPerson();
	for (let count = 0; count < 5; count += 1) expect((await chat(key)).status).toBe(200);
	const { status, headers, text } = await chat(key);
	expect(status).toBe(429);
	expect(text).toContain('"code":"RATE_LIMITED"');
	expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
	expect((await chat(gateway.person().key)).status).toBe(200);
});

test("a key has so many requests under way, and places are free again when they end", async () => {
	const waiting: (() => void)[] = [];
	gateway.vendor("openai").answerAlways({
		kind: "raw",
		async write(response) {
			await new Promise<void>((resolve) => waiting.push(resolve));
			response.writeHead(200, { "content-type": "application/json" });
			response.end(
				JSON.stringify({ choices: [{ index: 0, message: { content: "hi" }, finish_reason: "stop" }] }),
			);
		},
	});
	const { key } = await gateway.addPerson();
	const running = [chat(key), chat(key)];
	await eventually(() => waiting.length === 2);
	expect((await chat(key)).status).toBe(429);
	for (const go of waiting) go();
	expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
	gateway.vendor("openai").answerAlways({ kind: "text" });
	expect((await chat(key)).status).toBe(200);
});
