import { describe, expect, test } from "@jest/globals";
import { eventually } from "../../../core/testing/eventually.ts";
import { createGatedAnswer } from "../testing/gated-answer.ts";
import { readCharges } from "../testing/read-charges.ts";
import { CALLS, PNG, SCHEMA, THOUGHTFUL, TWO_CALLS } from "./samples.ts";
import { DIALECTS, modelOf, useGateway } from "./use-gateway.ts";

const gateway = useGateway();
const TOOL = { name: "weather", description: "Weather", input_schema: SCHEMA };
const QUESTION = { role: "user", content: "Weather in Paris and Rome?" } as const;

describe.each(DIALECTS)("the Anthropic package over a vendor of the dialect %s", (dialect) => {
	const model = modelOf(dialect);
	const lastBody = () => gateway.lastBody(dialect);

	test("gets an answer with its usage", async () => {
		const answer = await gateway.anthropic().messages.create({
			...{ model, max_tokens: 50, temperature: 0.5, stop_sequences: ["END"] },
			system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral" } }],
			messages: [{ role: "user", content: "hi" }],
		});
		expect(answer.content).toMatchObject([{ type: "text", text: "hello" }]);
		expect(answer.stop_reason).toBe("end_turn");
		expect(answer.usage).toMatchObject({ input_tokens: 20, output_tokens: 2 });
		expect(lastBody()).toMatchObject({
			...{ model: `vendor-${dialect}-model`, max_tokens: 50, temperature: 0.5 },
			...(dialect === "openai" ? { stop: ["END"] } : { stop_sequences: ["END"] }),
		});
		if (dialect === "openai") {
			expect(gateway.lastMessages(dialect)[0]).toEqual({ role: "system", content: "Be brief." });
		} else {
			expect(lastBody()["system"]).toMatchObject([{ cache_control: { type: "ephemeral" } }]);
		}
	});

	test("reads a stream to its end", async () => {
		const stream = gateway.anthropic().messages.stream({
			...{ model, max_tokens: 50 },
			messages: [{ role: "user", content: "hi" }],
		});
		let text = "";
		stream.on("text", (piece) => {
			text += piece;
		});
		const message = await stream.finalMessage();
		expect(text).toBe("hello");
		expect(message.stop_reason).toBe("end_turn");
		expect(message.usage).toMatchObject({ input_tokens: 20, output_tokens: 2 });
	});

	test("two tools are called at once, whole and streamed, and their results go back", async () => {
		gateway.vendor(dialect).answerAlways(TWO_CALLS);
		const asked = { model, max_tokens: 500, messages: [QUESTION], tools: [TOOL] };
		const whole = await gateway.anthropic().messages.create(asked);
		const streamed = await gateway.anthropic().messages.stream(asked).finalMessage();
		for (const { content, stop_reason } of [whole, streamed]) {
			expect(stop_reason).toBe("tool_use");
			expect(content[0]).toMatchObject({ type: "text", text: "Let me look." });
			expect(
				content.flatMap((block) => (block.type === "tool_use" ? [[block.id, block.name, block.input]] : [])),
			).toEqual(CALLS);
		}
		gateway.vendor(dialect).answerAlways({ kind: "message", text: "Sunny, rainy." });
		const after = await gateway.anthropic().messages.create({
			...asked,
			messages: [
				QUESTION,
				{ role: "assistant", content: whole.content },
				{
					role: "user",
					content: [
						{ type: "tool_result", tool_use_id: "call_paris", content: "sun" },
						{ type: "tool_result", tool_use_id: "call_rome", content: "no such city", is_error: true },
					],
				},
			],
		});
		expect(after.content).toMatchObject([{ type: "text", text: "Sunny, rainy." }]);
		const [, , ...results] = gateway.lastMessages(dialect);
		expect(results).toMatchObject(
			dialect === "anthropic"
				? [{ role: "user", content: [{ tool_use_id: "call_paris" }, { is_error: true }] }]
				: [
						{ role: "tool", tool_call_id: "call_paris", content: "sun" },
						{ role: "tool", tool_call_id: "call_rome", content: "Error: no such city" },
					],
		);
	});

	test("a tool is forced, one at a time", async () => {
		const tool_choice = { type: "tool", name: "weather", disable_parallel_tool_use: true } as const;
		await gateway
			.anthropic()
			.messages.create({ ...{ model, max_tokens: 50, messages: [QUESTION], tools: [TOOL] }, tool_choice });
		expect(lastBody()).toMatchObject(
			dialect === "anthropic"
				? { tool_choice }
				: {
						tool_choice: { type: "function", function: { name: "weather" } },
						parallel_tool_calls: false,
					},
		);
	});

	test("pictures are shown, sent along and by their address", async () => {
		await gateway.anthropic().messages.create({
			...{ model, max_tokens: 50 },
			messages: [
				{
					role: "user",
					content: [
						{ type: "image", source: { type: "base64", media_type: "image/png", data: PNG } },
						{ type: "image", source: { type: "url", url: "https://example.org/cat.jpg" } },
						{ type: "text", text: "What is this?" },
					],
				},
			],
		});
		expect(gateway.lastMessages(dialect)[0]?.content).toMatchObject(
			dialect === "anthropic"
				? [{ source: { data: PNG } }, { source: { url: "https://example.org/cat.jpg" } }, { type: "text" }]
				: [
						{ image_url: { url: `data:image/png;base64,${PNG}` } },
						{ image_url: { url: "https://example.org/cat.jpg" } },
						{ type: "text" },
					],
		);
	});

	test("an answer keeps to a JSON schema", async () => {
		gateway.vendor(dialect).answerAlways({ kind: "message", text: '{"city":"Rome","days":3}' });
		const answer = await gateway.anthropic().messages.create({
			...{ model, max_tokens: 50, messages: [QUESTION] },
			output_config: { format: { type: "json_schema", schema: SCHEMA } },
		});
		expect(answer.content).toMatchObject([{ text: '{"city":"Rome","days":3}' }]);
		expect(lastBody()).toMatchObject(
			dialect === "anthropic"
				? { output_config: { format: { schema: SCHEMA } } }
				: { response_format: { type: "json_schema", json_schema: { schema: SCHEMA, strict: true } } },
		);
	});

	test("thinking comes back as blocks, and goes to its own vendor only", async () => {
		gateway.vendor(dialect).answerAlways(THOUGHTFUL);
		const thinking = { type: "enabled", budget_tokens: 2_000 } as const;
		const asked = { model, max_tokens: 4_000, messages: [QUESTION], thinking };
		const whole = await gateway.anthropic().messages.create(asked);
		const streamed = await gateway.anthropic().messages.stream(asked).finalMessage();
		for (const { content } of [whole, streamed]) {
			expect(content).toMatchObject([
				{ type: "thinking", thinking: "They greet me." },
				{ type: "text", text: "Hello there." },
			]);
		}
		if (dialect === "openai") expect(lastBody()["reasoning_effort"]).toBe("low");
		// The conversation goes on at Anthropic's: it refuses a thought whose signature it did not make.
		await gateway.anthropic().messages.create({
			...{ max_tokens: 4_000, thinking, model: modelOf("anthropic") },
			messages: [QUESTION, { role: "assistant", content: whole.content }, QUESTION],
		});
		expect(gateway.lastMessages("anthropic")[1]?.content).toMatchObject(
			dialect === "anthropic" ? [{ type: "thinking" }, { type: "text" }] : [{ type: "text" }],
		);
	});

	test("who leaves a stream ends it at the vendor and pays for what he got", async () => {
		const gate = createGatedAnswer({ before: ["Once ", "upon "], after: ["a time"] });
		gateway.vendor(dialect).answerAlways(gate.answer);
		const person = await gateway.addPerson();
		const stream = gateway.anthropic(person.key).messages.stream({
			...{ model, max_tokens: 100, messages: [QUESTION] },
		});
		stream.on("text", (_, soFar) => {
			if (soFar === "Once upon ") stream.abort();
		});
		await expect(stream.done()).rejects.toThrow(/abort/i);
		const { db } = gateway.world();
		await eventually(async () => (await readCharges(db, person.accountId)).usage.length === 1);
		const { reservations, usage } = await readCharges(db, person.accountId);
		expect(usage).toMatchObject([{ outcome: "stopped", error: null }]);
		expect(usage[0]?.output).toBeGreaterThan(0);
		expect(reservations).toMatchObject([{ state: "posted", charged: usage[0]?.charged, overrun: 0 }]);
		await eventually(() => gateway.vendor(dialect).openConnectionCount() === 0);
	});

	test("counts tokens without a call and without a charge", async () => {
		const calls = gateway.vendor(dialect).requests.length;
		const counted = await gateway.anthropic().messages.countTokens({ model, messages: [QUESTION] });
		expect(counted.input_tokens).toBeGreaterThan(5);
		expect(gateway.vendor(dialect).requests).toHaveLength(calls);
	});
});

test("models are listed and shown", async () => {
	const listed = await gateway.anthropic().models.list();
	expect(listed.data.map(({ id }) => id)).toEqual(
		expect.arrayContaining(["auto", "sonnet", modelOf("openai")]),
	);
	expect(await gateway.anthropic().models.retrieve("sonnet")).toMatchObject({ type: "model", id: "sonnet" });
	await expect(gateway.anthropic().models.retrieve("gone")).rejects.toMatchObject({ status: 404 });
});
