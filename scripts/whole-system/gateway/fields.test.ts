import { describe, expect, test } from "@jest/globals";
import { openRawSocket } from "../../../bots/http/testing/raw-socket.ts";
import type { Surface } from "../../../core/dialects/types.ts";
import { PATHS, post, SURFACES, toBody } from "./ask-raw.ts";
import { DIALECTS, modelOf, useGateway } from "./use-gateway.ts";

const gateway = useGateway();
const LENGTH: Readonly<Record<Surface, string>> = {
	openai: "max_tokens",
	anthropic: "max_tokens",
	responses: "max_output_tokens",
};
/** What the model of the vendors gives at most. */
const OUTPUT_TOKENS_MAX = 8_000;

async function ask(surface: Surface, more: object | string, headers: Readonly<Record<string, string>> = {}) {
	const body = typeof more === "string" ? more : toBody(surface, modelOf("openai"), more);
	const { status, text } = await post(gateway.origin(), PATHS[surface], {
		key: gateway.person().key,
		...{ body, headers },
	});
	return { status, text };
}

const refusal = { status: 400, text: expect.stringContaining('"code":"REQUEST_INVALID"') };

describe.each(SURFACES)("of the surface %s", (surface) => {
	test.each([0, -1, 0.5, "100", [], {}, true])("bad input 42: a length of %j is refused", async (length) => {
		expect(await ask(surface, { [LENGTH[surface]]: length })).toMatchObject(refusal);
	});

	test.each(["NaN", "Infinity", "-", "1e", "0x10", "01"])("bad input 42: %s is no JSON", async (length) => {
		const body = JSON.stringify(toBody(surface, modelOf("openai"), { [LENGTH[surface]]: 100 }));
		expect(await ask(surface, body.replace(":100", `:${length}`))).toMatchObject(refusal);
	});

	test.each([1e12, 1e300, 12_345.6])("bad input 42: a length of %d is clamped", async (length) => {
		expect(await ask(surface, { [LENGTH[surface]]: length })).toMatchObject({ status: 200 });
		const sent = Number(gateway.lastBody("openai")["max_tokens"]);
		expect(sent).toBeGreaterThan(0);
		expect(sent).toBeLessThanOrEqual(OUTPUT_TOKENS_MAX);
	});

	test("bad input 42: no length is one, where the dialect has a default", async () => {
		const { status } = await ask(surface, { [LENGTH[surface]]: null });
		expect(status).toBe(surface === "anthropic" ? 400 : 200);
	});

	test.each<[string, object]>([
		["n", { n: 1_000 }],
		["n as a text", { n: "1" }],
		["best_of", { best_of: 5 }],
		["1,000 tools", { tools: Array.from({ length: 1_000 }, () => ({ name: "x", input_schema: {} })) }],
		["a tool the vendor runs", { tools: [{ type: "web_search_20250305", name: "web_search" }] }],
		["a model that is no text", { model: 7 }],
		["a model of 300 letters", { model: "x".repeat(300) }],
		["stream as a text", { stream: "true" }],
	])("bad input 43: %s is refused", async (_, more) => {
		expect(await ask(surface, more)).toMatchObject(refusal);
	});

	test("bad input 43: 10,000 messages are refused", async () => {
		const words = Array.from({ length: 10_000 }, () => ({ role: "user", content: "x" }));
		expect(
			await ask(surface, surface === "responses" ? { input: words } : { messages: words }),
		).toMatchObject(refusal);
	});

	test("bad input 43: pictures beyond 10 MiB are refused unread", async () => {
		const raw = await openRawSocket(gateway.node().app.address.port);
		raw.write(
			`POST ${PATHS[surface]} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.person().key}\r\n` +
				`content-type: application/json\r\ncontent-length: ${50 * 5 * 1024 * 1024}\r\n\r\n{"model":"auto",`,
		);
		const text = await raw.until("\r\n\r\n");
		raw.destroy();
		expect(text).toMatch(/^HTTP\/1\.1 413/);
	});

	test.each(["../../x", "*", "%00", "vendor-openai/*", "constructor/x", "__proto__", "a/b/c/d"])(
		"bad input 45: nobody has a model %s",
		async (model) => {
			expect(await ask(surface, { model })).toMatchObject({
				...{ status: 404, text: expect.stringContaining('"code":"REQUEST_INVALID"') },
			});
		},
	);

	test.each([
		"",
		"null",
		"[]",
		'"x"',
		"{",
		'{"model":"auto"',
		'{"model":"auto"} trailing',
		"{'model':'auto'}",
		"[".repeat(100_000),
		`{"model":"auto","messages":${"[".repeat(40)}${"]".repeat(40)},"input":1,"max_tokens":1}`,
	])("a body that is no JSON object of ours is refused: %.40s", async (body) => {
		expect(await ask(surface, body)).toMatchObject(refusal);
	});

	test("JSON that breaks deeper down is refused as such, by us where we must read it", async () => {
		const anthropic = modelOf(surface === "anthropic" ? "openai" : "anthropic");
		const body = JSON.stringify(toBody(surface, anthropic)).replace('"Tell me a story."', "tru");
		expect(await ask(surface, body)).toMatchObject(refusal);
	});

	test.each([{ "content-type": "text/plain" }, { "content-encoding": "gzip" }])(
		"415 for %j",
		async (headers) => {
			expect((await ask(surface, {}, headers)).status).toBe(415);
		},
	);
});

describe.each(DIALECTS)("bad input 45: to a vendor of the dialect %s", (dialect) => {
	const HOSTILE = {
		...{ api_base: "http://127.0.0.1:1", base_url: "http://127.0.0.1:1", api_key: "sk-theirs" },
		...{ extra_headers: { authorization: "x" }, extra_body: { a: 1 }, headers: { a: "b" } },
		...{ user: "somebody-else", metadata: { user_id: "somebody-else" }, store: true },
		...{ service_tier: "priority", mcp_servers: [], custom_llm_provider: "x", fallbacks: ["x"] },
		...{ speed: "fast", enable_search: true, search_options: {}, search_parameters: { mode: "on" } },
		enable_code_interpreter: true,
	};

	test.each([
		String.raw`{"type":"web\u005fsearch_20250305","name":"web_search"}`,
		String.raw`{"type":"builtin\u005ffunction","function":{"name":"$web_search"}}`,
		'{"type":"builtin_function","function":{"name":"$web_search"}}',
		'{"type":"live_search"}',
	])("no tool of a vendor's reaches him: %s", async (tool) => {
		const asked = gateway.vendor(dialect).requests.length;
		const body = JSON.stringify(toBody(dialect, modelOf(dialect))).replace(/}$/, `,"tools":[${tool}]}`);
		const { status, text } = await post(gateway.origin(), PATHS[dialect], {
			key: gateway.person().key,
			body,
		});
		expect({ status, text }).toMatchObject(refusal);
		expect(gateway.vendor(dialect).requests).toHaveLength(asked);
	});

	test.each(SURFACES)("nothing of a caller of %s says where a call goes or who he is", async (surface) => {
		const { status } = await post(gateway.origin(), PATHS[surface], {
			key: gateway.person().key,
			body: toBody(surface, modelOf(dialect), HOSTILE),
		});
		expect(status).toBe(200);
		const headers = gateway.vendor(dialect).requests.at(-1)?.headers;
		const body = gateway.lastBody(dialect);
		const { user, metadata, ...rest } = body;
		for (const field of Object.keys(HOSTILE)) expect(Object.keys(rest)).not.toContain(field);
		const tag = `account-${gateway.person().accountId}`;
		if (dialect === "anthropic") expect({ user, metadata }).toEqual({ metadata: { user_id: tag } });
		else expect({ user, metadata }).toEqual({ user: tag });
		expect(JSON.stringify({ headers, body })).not.toMatch(/sk-theirs|somebody-else|127\.0\.0\.1:1"/);
		expect(JSON.stringify(headers)).not.toContain(gateway.person().key);
	});
});

describe("bad input 47: two dialects in one body", () => {
	test.each<[Surface, object]>([
		["openai", { system: "Be brief." }],
		["openai", { stop_sequences: ["x"] }],
		["anthropic", { response_format: { type: "json_object" } }],
		["anthropic", { max_completion_tokens: 7 }],
		["responses", { messages: [{ role: "user", content: "x" }] }],
		["responses", { stop_sequences: ["x"] }],
	])("of %s with %j is refused", async (surface, more) => {
		expect(await ask(surface, more)).toMatchObject(refusal);
	});
});

test.each([
	{},
	{ messages: [{ role: "user", content: "x" }] },
	{ model: "auto", messages: "x" },
	{ model: "auto", messages: [] },
	{ model: "auto", messages: Array.from({ length: 1_500 }, () => ({ role: "user", content: "x" })) },
])("what could not be asked is not counted (%#)", async (body) => {
	const asked = { key: gateway.person().key, body };
	expect(await post(gateway.origin(), "/v1/messages/count_tokens", asked)).toMatchObject(refusal);
	const fine = { model: "auto", messages: [{ role: "user", content: "x" }] };
	expect((await post(gateway.origin(), "/v1/messages/count_tokens", { ...asked, body: fine })).status).toBe(
		200,
	);
});
