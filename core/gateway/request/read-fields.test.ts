import { describe, expect, test } from "@jest/globals";
import { readFields } from "./read-fields.ts";
import { isStripped, toOwnFields, toSameDialectBody } from "./same-dialect-body.ts";
import { scanBody } from "./scan-body.ts";

type Kind = Parameters<typeof readFields>[0];

const messages = [{ role: "user", content: "hi" }];

function read(kind: Kind, body: object | string) {
	const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
	return readFields(kind, bytes, scanBody(bytes));
}

const ASKED = { messages: undefined, input: "hi" };

function toFunction(parameters: object): object {
	return { type: "function", function: { name: "x", parameters } };
}

/** The field a body is refused for; undefined where it is taken. */
function findRefused(kind: Kind, body: object | string): unknown {
	try {
		read(kind, body);
		return undefined;
	} catch (error) {
		return (error as { details: { field: string } }).details.field;
	}
}

describe("the fields that are ours to know", () => {
	test("are read from each surface", () => {
		expect(read("openai", { model: "auto", messages })).toEqual({
			...{ model: "auto", isStream: false, outputTokensMax: undefined, wantsUsage: false },
		});
		const stream = { stream: true, stream_options: { include_usage: true }, max_completion_tokens: 7 };
		expect(read("openai", { model: "auto", messages, ...stream })).toEqual({
			...{ model: "auto", isStream: true, outputTokensMax: 7, wantsUsage: true },
		});
		expect(read("anthropic", { model: "x", messages, max_tokens: 9.7 })).toMatchObject({
			outputTokensMax: 9,
		});
		expect(read("responses", { model: "x", input: "hi", max_output_tokens: null })).toMatchObject({
			outputTokensMax: undefined,
		});
		expect(read("embeddings", { model: "x", input: ["a"], stream: true })).toMatchObject({ isStream: false });
	});

	test.each<[string, Kind, object, string | undefined]>([
		["no length", "openai", { max_tokens: null }, undefined],
		["a length of nothing", "openai", { max_tokens: 0 }, "max_tokens"],
		["a negative length", "openai", { max_tokens: -1 }, "max_tokens"],
		["a length in words", "openai", { max_tokens: "100" }, "max_tokens"],
		["no length where one is needed", "anthropic", {}, "max_tokens"],
		["many answers", "openai", { n: 1_000 }, "n"],
		["the best of many", "openai", { best_of: 3 }, "best_of"],
		["one answer", "openai", { n: 1 }, undefined],
		["10,000 messages", "openai", { messages: Array(10_000).fill(messages[0]) }, "messages"],
		["1,000 tools", "openai", { tools: Array(1_000).fill({ type: "function" }) }, "tools"],
		["no messages", "openai", { messages: [] }, "messages"],
		["messages that are none", "openai", { messages: "hi" }, "messages"],
		["no model", "openai", { model: undefined }, "model"],
		["a model that is none", "openai", { model: 5 }, "model"],
		["a model of 300 letters", "openai", { model: "x".repeat(300) }, "model"],
		["Anthropic's system in OpenAI", "openai", { system: "be" }, "system"],
		["OpenAI's format in Anthropic", "anthropic", { max_tokens: 1, response_format: {} }, "response_format"],
		["messages in Responses", "responses", { input: "x" }, "messages"],
		["options of a stream of Responses", "responses", { ...ASKED, stream_options: {} }, undefined],
		["a stream that is none", "openai", { stream: "yes" }, "stream"],
		[
			"a tool the vendor runs",
			"anthropic",
			{ max_tokens: 1, tools: [{ type: "web_search_20250305" }] },
			"tools",
		],
	])("%s", (_, kind, more, field) => {
		expect(findRefused(kind, { model: "auto", messages, ...more })).toBe(field);
	});

	test("leave a list of numbers as long as one text may be, and of texts as many as vendors take", () => {
		const ids = (count: number) => ({ messages: undefined, input: Array(count).fill(7) });
		const texts = (count: number) => ({ messages: undefined, input: Array(count).fill("x") });
		expect(findRefused("embeddings", { model: "a", ...ids(8_192) })).toBeUndefined();
		expect(findRefused("embeddings", { model: "a", ...ids(8_193) })).toBe("input");
		expect(findRefused("embeddings", { model: "a", ...texts(2_048) })).toBeUndefined();
		expect(findRefused("embeddings", { model: "a", ...texts(2_049) })).toBe("input");
		expect(findRefused("responses", { model: "a", ...texts(1_000) })).toBeUndefined();
		expect(findRefused("responses", { model: "a", ...texts(1_001) })).toBe("input");
	});

	test.each<[string, Kind, string]>([
		["whose type is written in numbers", "anthropic", String.raw`[{"type":"web\u005fsearch_20250305"}]`],
		["whose field is written in numbers", "anthropic", String.raw`[{"typ\u0065":"web_search_20250305"}]`],
		["of Moonshot", "openai", '[{"type":"builtin_function","function":{"name":"$web_search"}}]'],
		["that looks things up", "openai", '[{"type":"retrieval","retrieval":{"knowledge_id":"1"}}]'],
		["without a type", "openai", '[{"google_search":{}}]'],
		["nobody knows yet", "openai", '[{"type":"live_search"}]'],
		["nobody knows yet", "anthropic", '[{"type":"advisor_20260301","name":"x"}]'],
		["that is called an own one too", "openai", '[{"type":"web_search","type":"function"}]'],
	])("refuse a vendor's tool %s (%s)", (_, kind, tools) => {
		const body = `{"model":"a","max_tokens":1,"messages":[{"role":"user","content":"x"}],"tools":${tools}}`;
		expect(findRefused(kind, body)).toBe("tools");
	});

	test.each<[string, Kind, object]>([
		["functions", "openai", { type: "function", function: { name: "x", description: "caf\u00e9 \u0000" } }],
		["functions with examples", "openai", toFunction({ type: "object", default: { type: "report" } })],
		[
			"tools with a text format",
			"openai",
			{ type: "custom", custom: { name: "x", format: { type: "text" } } },
		],
		["plain tools", "anthropic", { name: "google_search", input_schema: { type: "object" } }],
		["tools known by heart", "anthropic", { type: "bash_20250124", name: "bash" }],
	])("take %s (%s)", (_, kind, tool) => {
		expect(findRefused(kind, { model: "a", max_tokens: 1, messages, tools: [tool] })).toBeUndefined();
	});

	test("clip a length beyond all reason", () => {
		expect(read("openai", { model: "a", messages, max_tokens: 1e12 }).outputTokensMax).toBe(1_000_000);
		expect(findRefused("openai", '{"model":"a","messages":[{}],"max_tokens":1e309}')).toBe("max_tokens");
	});
});

describe("a body for a provider of the same dialect", () => {
	function pass(body: string, own: object = {}): unknown {
		const bytes = Buffer.from(body);
		return JSON.parse(toSameDialectBody(bytes, scanBody(bytes), { ...own }).toString());
	}

	test("is the caller's, with our fields in place of his", () => {
		const own = toOwnFields("openai", {
			...{ model: "real", outputTokensMax: 5, isStream: true, userTag: "account-1", isOpenAi: false },
			thinking: undefined,
		});
		const body = `{"model":"auto","max_tokens":99,"max_completion_tokens":98,"temperature" : 0.5,"new_field":{"x":[1]},"user":"me","messages":[{"role":"user","content":"\\u4f60 \\"q\\""}]}`;
		expect(pass(body, own)).toEqual({
			...{ model: "real", max_tokens: 5, stream: true, stream_options: { include_usage: true } },
			...{ user: "account-1", temperature: 0.5, new_field: { x: [1] } },
			messages: [{ role: "user", content: '你 "q"' }],
		});
	});

	test.each([
		"api_base",
		"base_url",
		"api_key",
		"extra_headers",
		"metadata",
		"user",
		"__proto__",
		"mcp_servers",
		"speed",
		"enable_search",
		"search_options",
		"search_parameters",
		"enable_code_interpreter",
	])("loses %s", (field) => {
		expect(isStripped(field)).toBe(true);
		expect(pass(`{"a":1,${JSON.stringify(field)}:{"x":1}}`)).toEqual({ a: 1 });
	});

	test("says a name once, the last time it was said", () => {
		const bytes = Buffer.from('{"model":"a","temperature":1,"temperature":2,"mod\\u0065l":"b"}');
		const text = toSameDialectBody(bytes, scanBody(bytes), { model: "real" }).toString();
		expect(text).toBe('{"model":"real","temperature":2}');
	});

	test("may be empty", () => {
		expect(pass('{"user":"x"}')).toEqual({});
	});
});
