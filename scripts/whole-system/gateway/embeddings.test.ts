import { expect, test } from "@jest/globals";
import { readCharges } from "../testing/read-charges.ts";
import { PATHS, post, toBody } from "./ask-raw.ts";
import { modelNamed, modelOf, useGateway } from "./use-gateway.ts";

const gateway = useGateway({ vendors: [{ id: "vectors", kind: "embedding", weightMicro: 100_000 }] });
const model = modelNamed("vectors");

test("a text is embedded and charged at the model's own weight", async () => {
	const { accountId, key } = await gateway.addPerson();
	gateway.vendorNamed("vectors").answerAlways({ kind: "text", usage: { input: 40, output: 0 } });
	const answer = await gateway.openai(key).embeddings.create({
		...{ model, input: ["one", "two"], dimensions: 3, user: "me" },
		encoding_format: "float",
	});
	expect(answer.data[0]?.embedding).toEqual([0.25, -0.5, 0.125]);
	expect(gateway.vendorNamed("vectors").requests.at(-1)).toMatchObject({
		path: "/v1/embeddings",
		body: { model: "vectors-model", input: ["one", "two"], dimensions: 3, user: `account-${accountId}` },
	});
	const { reservations, usage } = await readCharges(gateway.world().db, accountId);
	expect(usage).toMatchObject([{ provider: "vectors", input: 40, output: 0, charged: 4 }]);
	expect(reservations).toMatchObject([{ state: "posted", charged: 4 }]);
});

test("the tier's own name finds a model that embeds, and never one that chats", async () => {
	const { key } = gateway.person();
	const asked = gateway.vendor("openai").requests.length;
	const answer = await gateway.openai(key).embeddings.create({
		...{ model: "auto", input: "x" },
		encoding_format: "float",
	});
	expect(answer.data).toHaveLength(1);
	const chat = modelOf("openai");
	const refused = gateway.openai(key).embeddings.create({ model: chat, input: "x" });
	await expect(refused).rejects.toMatchObject({ status: 404 });
	expect(gateway.vendor("openai").requests).toHaveLength(asked);
});

test("a chat is never answered by a model that embeds", async () => {
	const body = toBody("openai", model);
	const answer = await post(gateway.origin(), PATHS.openai, { key: gateway.person().key, body });
	expect(answer.status).toBe(404);
});

test("an embedding without its data is none and costs nothing", async () => {
	const { accountId, key } = await gateway.addPerson();
	gateway.vendorNamed("vectors").answerAlways({
		kind: "raw",
		write: (response) => void response.writeHead(200, { "content-type": "application/json" }).end("{}"),
	});
	const body = { model, input: "x" };
	const answer = await post(gateway.origin(), "/v1/embeddings", { key, body });
	expect(answer.status).toBe(503);
	const { reservations } = await readCharges(gateway.world().db, accountId);
	for (const { charged } of reservations) expect(charged).toBe(0);
});

test("numbers in base64, which the package asks for by itself, come as the vendor sent them", async () => {
	const vector = Buffer.from(new Float32Array([0.25, -0.5]).buffer).toString("base64");
	const data = [{ object: "embedding", index: 0, embedding: vector }];
	const answer = { object: "list", model: "m", data, usage: { prompt_tokens: 3, total_tokens: 3 } };
	gateway.vendorNamed("vectors").answerAlways({
		kind: "raw",
		write: (response) =>
			void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer)),
	});
	const { data: read } = await gateway.openai().embeddings.create({ model, input: "x" });
	expect(read[0]?.embedding).toEqual([0.25, -0.5]);
	expect(gateway.vendorNamed("vectors").requests.at(-1)?.body).toMatchObject({ encoding_format: "base64" });
});

test("one text may be as many tokens as such models take", async () => {
	const input = Array.from({ length: 8_000 }, (_, at) => at);
	const asked = { key: gateway.person().key, body: { model, input } };
	expect((await post(gateway.origin(), "/v1/embeddings", asked)).status).toBe(200);
});
