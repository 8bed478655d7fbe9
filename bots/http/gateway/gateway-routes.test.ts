import { describe, expect, test } from "@jest/globals";
import { findGatewayRoute } from "./gateway-routes.ts";

describe("a path of the gateway", () => {
	test.each([
		["POST", "/v1/messages", "anthropic", "complete"],
		["POST", "/v1/messages?beta=true", "anthropic", "complete"],
		["GET", "/v1/models", "openai", "list"],
		["GET", "/v1/models/a%2Fb", "openai", "show"],
		["POST", "/v1/messages/batches", "anthropic", "unknown"],
		["GET", "/v1/messages/batches/1", "anthropic", "unknown"],
		["DELETE", "/v1/responses/resp_1", "responses", "unknown"],
		["POST", "/v1/responses/compact", "responses", "unknown"],
		["GET", "/v1/chat/completions/chatcmpl-1", "openai", "unknown"],
		["POST", "/v1/embeddings/x", "embeddings", "unknown"],
	])("%s %s is %s's: %s", (method, url, surface, action) => {
		expect(findGatewayRoute(method, url, false)).toMatchObject({ surface, action });
	});

	test.each([
		["GET", "/v1/messages", "anthropic", "POST"],
		["PUT", "/v1/messages/count_tokens", "anthropic", "POST"],
		["GET", "/v1/responses", "responses", "POST"],
		["GET", "/v1/chat/completions", "openai", "POST"],
		["POST", "/v1/models", "openai", "GET"],
		["DELETE", "/v1/models/ft:1", "openai", "GET"],
	])("%s %s is %s's, but only by %s", (method, url, surface, allow) => {
		expect(findGatewayRoute(method, url, false)).toMatchObject({ surface, action: "unknown", allow });
	});

	test.each(["/v1/chat", "/v1/usage", "/v1/messagesx", "/v1/modelsx", "/", "/healthz"])(
		"is not %s",
		(url) => {
			for (const method of ["GET", "POST"]) expect(findGatewayRoute(method, url, false)).toBeUndefined();
		},
	);
});
