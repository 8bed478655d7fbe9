import { expect, test } from "@jest/globals";
import { useGateway } from "./use-gateway.ts";

const gateway = useGateway();

async function ask(method: string, path: string) {
	const response = await fetch(`${gateway.origin()}${path}`, {
		method,
		headers: { authorization: `Bearer ${gateway.person().key}`, "content-type": "application/json" },
		...(method !== "GET" && { body: "{}" }),
	});
	return { status: response.status, allow: response.headers.get("allow"), body: await response.json() };
}

test.each([
	["POST", "/v1/messages/batches", 404, null],
	["GET", "/v1/messages", 405, "POST"],
	["PUT", "/v1/messages/count_tokens", 405, "POST"],
])("%s %s is refused in Anthropic's shape", async (method, path, status, allow) => {
	expect(await ask(method, path)).toMatchObject({
		...{ status, allow },
		body: {
			type: "error",
			error: { type: expect.any(String), message: expect.stringMatching(/address/) },
			request_id: expect.any(String),
		},
	});
});

test.each([
	["GET", "/v1/responses/resp_1", 404, null],
	["POST", "/v1/responses/resp_1/cancel", 404, null],
	["GET", "/v1/chat/completions", 405, "POST"],
	["POST", "/v1/models", 405, "GET"],
	["GET", "/v1/embeddings", 405, "POST"],
])("%s %s is refused in OpenAI's shape", async (method, path, status, allow) => {
	expect(await ask(method, path)).toMatchObject({
		...{ status, allow },
		body: { error: { type: expect.any(String), code: "REQUEST_INVALID", param: null } },
	});
});
