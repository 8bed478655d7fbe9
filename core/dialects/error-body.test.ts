import Anthropic from "@anthropic-ai/sdk";
import { expect, test } from "@jest/globals";
import OpenAI from "openai";
import { toErrorBody } from "./dialect.ts";

const OPTIONS = { apiKey: "none", maxRetries: 0, logLevel: "off" } as const;

test.each([
	[400, "REQUEST_INVALID", "invalid_request_error", "invalid_request_error"],
	[401, "AUTH_INVALID_CREDENTIALS", "authentication_error", "authentication_error"],
	[402, "BILLING_QUOTA_EXCEEDED", "insufficient_quota", "billing_error"],
	[403, "FORBIDDEN", "permission_error", "permission_error"],
	[404, "INSTANCE_NOT_FOUND", "not_found_error", "not_found_error"],
	[413, "REQUEST_INVALID", "invalid_request_error", "request_too_large"],
	[418, "REQUEST_INVALID", "invalid_request_error", "invalid_request_error"],
	[429, "RATE_LIMITED", "rate_limit_error", "rate_limit_error"],
	[500, "INTERNAL", "server_error", "api_error"],
	[503, "ROUTER_NO_PROVIDER", "overloaded_error", "overloaded_error"],
	[504, "ROUTER_TIMEOUT", "timeout_error", "timeout_error"],
])("%i %s as the vendors' packages read it", async (status, code, openAiType, anthropicType) => {
	const error = { status, code, message: "What to do next.", requestId: "req_7" };
	const toFetch = (surface: "openai" | "anthropic") => () =>
		Promise.resolve(Response.json(toErrorBody(surface, error), { status }));
	const openAi = new OpenAI({ ...OPTIONS, baseURL: "http://gateway.test/v1", fetch: toFetch("openai") });
	await expect(openAi.models.list()).rejects.toMatchObject({ status, code, type: openAiType });
	const anthropic = new Anthropic({
		...OPTIONS,
		baseURL: "http://gateway.test",
		fetch: toFetch("anthropic"),
	});
	await expect(anthropic.models.list()).rejects.toMatchObject({
		status,
		type: anthropicType,
		errorCode: code,
		error: { request_id: "req_7" },
	});
	expect(toErrorBody("responses", error)).toEqual(toErrorBody("openai", error));
});
