import { expect, test } from "@jest/globals";
import type { JsonObject, Surface } from "../../dialects/types.ts";
import { OWN_SIGNATURE } from "../../dialects/unsigned-thinking.ts";
import type { Place } from "../../models/exchange.ts";
import type { GatewayCall } from "../call.ts";
import { scanBody } from "./scan-body.ts";
import { toOutgoing } from "./to-outgoing.ts";

function toCall(kind: Surface, request: JsonObject): GatewayCall {
	const bytes = Buffer.from(JSON.stringify(request));
	return {
		kind,
		bytes,
		scanned: scanBody(bytes),
		fields: { model: "smart", isStream: false, outputTokensMax: undefined, wantsUsage: false },
		userTag: "u",
		requestId: "r",
		vendorHeaders: {},
		supportUrl: undefined,
		context: () => ({ model: "smart", id: "r", request, nowSeconds: 0 }),
	};
}

const endpoint = { baseUrl: "https://a.test", apiKey: "k" };
const place = { route: { model: "claude-sonnet-4-5" }, endpoint, outputTokensMax: 3_000 } as unknown as Place;

test.each<["openai" | "responses", JsonObject]>([
	["openai", { messages: [{ role: "user", content: "?" }], max_tokens: 64_000, reasoning_effort: "high" }],
	["responses", { input: "?", max_output_tokens: 64_000, reasoning: { effort: "high" } }],
])("a budget to think with stays below what was paid for, from %s", (kind, request) => {
	const { body } = toOutgoing(toCall(kind, { model: "smart", ...request }), place, "anthropic");
	expect(JSON.parse(body.toString())).toMatchObject({
		max_tokens: 3_000,
		thinking: { type: "enabled", budget_tokens: 1_500 },
	});
});

test("no budget comes back where translating took the thinking away", () => {
	const call = { type: "tool_use", id: "t1", name: "x", input: {} };
	const request = {
		...{ model: "smart", max_tokens: 64_000, thinking: { type: "enabled", budget_tokens: 32_000 } },
		messages: [
			{ role: "user", content: "?" },
			{ role: "assistant", content: [{ type: "thinking", thinking: "hm", signature: OWN_SIGNATURE }, call] },
			{ role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "1" }] },
		],
	};
	const body = JSON.parse(toOutgoing(toCall("anthropic", request), place, "anthropic").body.toString());
	expect(body).toMatchObject({ max_tokens: 3_000 });
	expect(body).not.toHaveProperty("thinking");
});

test.each([
	["https://api.deepseek.com/v1", "system"],
	["https://api.openai.com/v1", "developer"],
])("a developer's words are the %s", (baseUrl, role) => {
	const said = 'As in {"role":"developer"}.';
	const call = { type: "function", function: { name: "developer", parameters: { role: "developer" } } };
	const request = { model: "a", messages: [{ role: "developer", content: said }], tools: [call] };
	const there = { ...place, endpoint: { ...place.endpoint, baseUrl } };
	const body = JSON.parse(toOutgoing(toCall("openai", request), there, "openai").body.toString());
	expect(body).toMatchObject({ messages: [{ role, content: said }], tools: [call] });
});
