import { describe, expect, test } from "@jest/globals";
import { eventually } from "../../../core/testing/eventually.ts";
import { createGatedAnswer } from "../testing/gated-answer.ts";
import { readCharges } from "../testing/read-charges.ts";
import { CALLS, PNG, SCHEMA, THOUGHTFUL, TWO_CALLS } from "./samples.ts";
import { DIALECTS, modelNamed, modelOf, useGateway } from "./use-gateway.ts";

const CLAUDE = { id: "claude-sonnet-4-6", dialect: "anthropic" } as const;
const gateway = useGateway({ vendors: [CLAUDE] });

describe.each(DIALECTS)("the openai package over a vendor of the dialect %s", (dialect) => {
	const model = modelOf(dialect);

	test("gets an answer with its usage", async () => {
		const answer = await gateway.openai().chat.completions.create({
			model,
			messages: [
				{ role: "system", content: "Be brief." },
				{ role: "user", content: "hi" },
			],
			max_tokens: 50,
			temperature: 0.5,
			stop: ["END"],
		});
		expect(answer.choices[0]?.message.content).toBe("hello");
		expect(answer.choices[0]?.finish_reason).toBe("stop");
		expect(answer.usage).toMatchObject({ prompt_tokens: 20, completion_tokens: 2, total_tokens: 22 });
		expect(gateway.lastBody(dialect)).toMatchObject({
			model: `vendor-${dialect}-model`,
			max_tokens: 50,
			temperature: 0.5,
			...(dialect === "openai" ? { stop: ["END"] } : { stop_sequences: ["END"] }),
		});
	});

	test.each([true, false])("reads a stream, with usage: %s", async (include_usage) => {
		const stream = await gateway.openai().chat.completions.create({
			...{ model, stream: true, stream_options: { include_usage } },
			messages: [{ role: "user", content: "hi" }],
		});
		let text = "";
		let usage: unknown;
		let finish: string | null | undefined;
		for await (const chunk of stream) {
			if (!include_usage) expect(chunk.choices).toHaveLength(1);
			text += chunk.choices[0]?.delta.content ?? "";
			finish = chunk.choices[0]?.finish_reason ?? finish;
			usage = chunk.usage ?? usage;
		}
		expect({ text, finish }).toEqual({ text: "hello", finish: "stop" });
		if (include_usage) expect(usage).toMatchObject({ prompt_tokens: 20, completion_tokens: 2 });
		else expect(usage).toBeUndefined();
	});
});

const TOOL = {
	type: "function",
	function: { name: "weather", description: "Weather", parameters: SCHEMA },
} as const;
const QUESTION = { role: "user", content: "Weather in Paris and Rome?" } as const;

describe.each(DIALECTS)("tools and more of the openai package over a vendor of the dialect %s", (dialect) => {
	const model = modelOf(dialect);
	const lastBody = () => gateway.lastBody(dialect);

	test("two tools are called at once, whole and streamed, and their results go back", async () => {
		gateway.vendor(dialect).answerAlways(TWO_CALLS);
		const asked = { model, messages: [QUESTION], tools: [TOOL], parallel_tool_calls: true };
		const whole = await gateway.openai().chat.completions.create(asked);
		const streamed = await gateway.openai().chat.completions.stream(asked).finalChatCompletion();
		for (const { choices } of [whole, streamed]) {
			expect(choices[0]?.finish_reason).toBe("tool_calls");
			expect(choices[0]?.message.content).toBe("Let me look.");
			const calls = choices[0]?.message.tool_calls ?? [];
			expect(
				calls.map((call) =>
					call.type === "function" ? [call.id, call.function.name, JSON.parse(call.function.arguments)] : [],
				),
			).toEqual(CALLS);
		}
		const [choice] = whole.choices;
		if (choice === undefined) throw new Error("no choice");
		gateway.vendor(dialect).answerAlways({ kind: "message", text: "Sunny, rainy." });
		const after = await gateway.openai().chat.completions.create({
			...asked,
			messages: [
				QUESTION,
				choice.message,
				{ role: "tool", tool_call_id: "call_paris", content: "sun" },
				{ role: "tool", tool_call_id: "call_rome", content: "rain" },
			],
		});
		expect(after.choices[0]?.message.content).toBe("Sunny, rainy.");
		const [, , ...results] = gateway.lastMessages(dialect);
		expect(results).toMatchObject(
			dialect === "openai"
				? [
						{ role: "tool", tool_call_id: "call_paris", content: "sun" },
						{ role: "tool", tool_call_id: "call_rome", content: "rain" },
					]
				: [
						{
							role: "user",
							content: [
								{ type: "tool_result", tool_use_id: "call_paris", content: [{ text: "sun" }] },
								{ type: "tool_result", tool_use_id: "call_rome", content: [{ text: "rain" }] },
							],
						},
					],
		);
	});

	test("a tool is forced", async () => {
		await gateway.openai().chat.completions.create({
			...{ model, messages: [QUESTION], tools: [TOOL] },
			tool_choice: { type: "function", function: { name: "weather" } },
		});
		expect(lastBody()["tool_choice"]).toEqual(
			dialect === "openai"
				? { type: "function", function: { name: "weather" } }
				: { type: "tool", name: "weather" },
		);
	});

	test("pictures are shown, sent along and by their address", async () => {
		await gateway.openai().chat.completions.create({
			model,
			messages: [
				{
					role: "user",
					content: [
						{ type: "text", text: "What is this?" },
						{ type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } },
						{ type: "image_url", image_url: { url: "https://example.org/cat.jpg" } },
					],
				},
			],
		});
		const [message] = gateway.lastMessages(dialect);
		expect(message?.content).toMatchObject(
			dialect === "openai"
				? [
						{ type: "text" },
						{ image_url: { url: `data:image/png;base64,${PNG}` } },
						{ image_url: { url: "https://example.org/cat.jpg" } },
					]
				: [
						{ type: "text" },
						{ type: "image", source: { type: "base64", media_type: "image/png", data: PNG } },
						{ type: "image", source: { type: "url", url: "https://example.org/cat.jpg" } },
					],
		);
	});

	test("an answer keeps to a JSON schema", async () => {
		gateway.vendor(dialect).answerAlways({ kind: "message", text: '{"city":"Rome","days":3}' });
		const answer = await gateway.openai().chat.completions.parse({
			...{ model, messages: [QUESTION] },
			response_format: {
				type: "json_schema",
				json_schema: { name: "trip", schema: SCHEMA, strict: true },
			},
		});
		expect(JSON.parse(answer.choices[0]?.message.content ?? "")).toEqual({ city: "Rome", days: 3 });
		if (dialect === "openai") {
			expect(lastBody()["response_format"]).toMatchObject({ json_schema: { schema: SCHEMA } });
		} else {
			expect(JSON.stringify(lastBody()["system"])).toContain("JSON Schema");
		}
	});

	test("a model that answers after a schema is given it as such", async () => {
		await gateway.openai().chat.completions.create({
			...{ model: modelNamed(CLAUDE.id), messages: [QUESTION] },
			response_format: { type: "json_schema", json_schema: { name: "trip", schema: SCHEMA } },
		});
		const { body } = gateway.vendorNamed(CLAUDE.id).requests.at(-1) ?? {};
		expect(body).toMatchObject({ output_config: { format: { schema: SCHEMA } } });
	});

	test("what a model thinks before it answers is told beside the answer", async () => {
		gateway.vendor(dialect).answerAlways(THOUGHTFUL);
		const asked = { model, messages: [QUESTION], reasoning_effort: "low" as const, max_tokens: 4_000 };
		const whole = await gateway.openai().chat.completions.create(asked);
		expect(whole.choices[0]?.message).toMatchObject({
			content: "Hello there.",
			reasoning_content: "They greet me.",
		});
		let thought = "";
		let text = "";
		for await (const chunk of await gateway.openai().chat.completions.create({ ...asked, stream: true })) {
			const delta = chunk.choices[0]?.delta as { reasoning_content?: string; content?: string } | undefined;
			thought += delta?.reasoning_content ?? "";
			text += delta?.content ?? "";
		}
		expect({ thought, text }).toEqual({ thought: "They greet me.", text: "Hello there." });
		if (dialect === "anthropic") expect(lastBody()["thinking"]).toMatchObject({ type: "enabled" });
		else expect(lastBody()["reasoning_effort"]).toBe("low");
	});

	test("who leaves a stream ends it at the vendor and pays for what he got", async () => {
		const gate = createGatedAnswer({ before: ["Once ", "upon "], after: ["a time"] });
		gateway.vendor(dialect).answerAlways(gate.answer);
		const person = await gateway.addPerson();
		const stream = await gateway.openai(person.key).chat.completions.create({
			...{ model, messages: [QUESTION], stream: true },
		});
		let text = "";
		for await (const chunk of stream) {
			text += chunk.choices[0]?.delta.content ?? "";
			if (text === "Once upon ") stream.controller.abort();
		}
		const { db } = gateway.world();
		await eventually(async () => (await readCharges(db, person.accountId)).usage.length === 1);
		const { reservations, usage } = await readCharges(db, person.accountId);
		expect(usage).toMatchObject([{ outcome: "stopped", origin: "counted", error: null }]);
		expect(usage[0]?.output).toBeGreaterThan(0);
		expect(reservations).toMatchObject([{ state: "posted", charged: usage[0]?.charged, overrun: 0 }]);
		await eventually(() => gateway.vendor(dialect).openConnectionCount() === 0);
	});
});
