import { describe, expect, test } from "@jest/globals";
import { CALLS, PNG, SCHEMA, THOUGHTFUL, TWO_CALLS } from "./samples.ts";
import { DIALECTS, modelOf, useGateway } from "./use-gateway.ts";

const gateway = useGateway();
const TOOL = {
	type: "function",
	name: "weather",
	description: "",
	parameters: SCHEMA,
	strict: true,
} as const;

describe.each(DIALECTS)("the Responses API over a vendor of the dialect %s", (dialect) => {
	const model = modelOf(dialect);

	test("gives an answer with its usage, whole and streamed", async () => {
		const asked = { model, instructions: "Be brief.", input: "hi", max_output_tokens: 50 };
		const whole = await gateway.openai().responses.create(asked);
		const kinds: string[] = [];
		const stream = gateway.openai().responses.stream(asked);
		stream.on("event", ({ type }) => kinds.push(type));
		const streamed = await stream.finalResponse();
		for (const response of [whole, streamed]) {
			expect(response.output_text).toBe("hello");
			expect(response.status).toBe("completed");
			expect(response.usage).toMatchObject({ input_tokens: 20, output_tokens: 2, total_tokens: 22 });
		}
		expect([kinds[0], kinds.at(-1)]).toEqual(["response.created", "response.completed"]);
		expect(gateway.lastBody(dialect)["max_tokens"]).toBe(50);
	});

	test("two functions are called at once and their results go back", async () => {
		gateway.vendor(dialect).answerAlways(TWO_CALLS);
		const asked = { model, input: "Weather?", tools: [TOOL] };
		const whole = await gateway.openai().responses.create(asked);
		const streamed = await gateway.openai().responses.stream(asked).finalResponse();
		for (const { output } of [whole, streamed]) {
			expect(
				output.flatMap((item) =>
					item.type === "function_call" ? [[item.call_id, item.name, JSON.parse(item.arguments)]] : [],
				),
			).toEqual(CALLS);
		}
		gateway.vendor(dialect).answerAlways({ kind: "message", text: "Sunny, rainy." });
		const after = await gateway.openai().responses.create({
			...asked,
			input: [
				{ role: "user", content: "Weather?" },
				...whole.output.filter((item) => item.type === "function_call"),
				{ type: "function_call_output", call_id: "call_paris", output: "sun" },
				{ type: "function_call_output", call_id: "call_rome", output: "rain" },
			],
		});
		expect(after.output_text).toBe("Sunny, rainy.");
	});

	test("takes pictures, a forced function and a schema", async () => {
		await gateway.openai().responses.create({
			...{ model, tools: [TOOL], tool_choice: { type: "function", name: "weather" } },
			input: [
				{
					role: "user",
					content: [
						{ type: "input_text", text: "What is this?" },
						{ type: "input_image", detail: "auto", image_url: `data:image/png;base64,${PNG}` },
					],
				},
			],
			text: { format: { type: "json_schema", name: "trip", schema: SCHEMA, strict: true } },
		});
		const body = gateway.lastBody(dialect);
		expect(JSON.stringify(body["messages"])).toContain(PNG);
		expect(body).toMatchObject(
			dialect === "openai"
				? {
						tool_choice: { type: "function", function: { name: "weather" } },
						response_format: { json_schema: { name: "trip", schema: SCHEMA } },
					}
				: { tool_choice: { type: "tool", name: "weather" } },
		);
		if (dialect === "anthropic") expect(JSON.stringify(body["system"])).toContain("JSON Schema");
	});

	test("tells what the model thought", async () => {
		gateway.vendor(dialect).answerAlways(THOUGHTFUL);
		const asked = { model, input: "hi", reasoning: { effort: "low" }, max_output_tokens: 4_000 } as const;
		const whole = await gateway.openai().responses.create(asked);
		const streamed = await gateway.openai().responses.stream(asked).finalResponse();
		for (const { output, output_text } of [whole, streamed]) {
			expect(output[0]).toMatchObject({ type: "reasoning", summary: [{ text: "They greet me." }] });
			expect(output_text).toBe("Hello there.");
		}
	});
});

test("models are listed and shown", async () => {
	const { data } = await gateway.openai().models.list();
	const ids = data.map(({ id }) => id);
	expect(ids).toEqual(expect.arrayContaining(["auto", "smart", "economy", "china-ready", "opus"]));
	expect(ids).toEqual(expect.arrayContaining([modelOf("openai"), modelOf("anthropic")]));
	expect(await gateway.openai().models.retrieve("auto")).toMatchObject({
		id: "auto",
		object: "model",
		owned_by: "rockpool",
	});
	const exact = modelOf("openai");
	expect(await gateway.openai().models.retrieve(exact)).toMatchObject({ id: exact });
	await expect(gateway.openai().models.retrieve("gone")).rejects.toMatchObject({ status: 404 });
});
