import { LLMock } from "@copilotkit/aimock";
import { afterAll, describe, expect, test } from "@jest/globals";
import { insertProvider } from "../testing/insert-provider.ts";
import { SCHEMA } from "./samples.ts";
import { DIALECTS, modelNamed, useGateway } from "./use-gateway.ts";

const CITIES = ["Paris", "Rome"];
const aimock = new LLMock({ port: 0 });
const gateway = useGateway({
	async prepare({ db }) {
		aimock.onMessage(/forecast/, {
			toolCalls: CITIES.map((city) => ({ name: "weather", arguments: JSON.stringify({ city, days: 1 }) })),
		});
		aimock.onMessage(/.*/, {
			content: "A mock says hello.",
			usage: { prompt_tokens: 9, completion_tokens: 5 },
		});
		await aimock.start();
		await insertProvider(db, `${aimock.url}/v1`, { id: "mock-openai" });
		await insertProvider(db, aimock.url, { id: "mock-anthropic", dialect: "anthropic" });
	},
});
afterAll(async () => await aimock.stop());

describe.each(DIALECTS)("a vendor somebody else wrote, of the dialect %s", (dialect) => {
	const model = modelNamed(`mock-${dialect}`);
	const greeting = [{ role: "user" as const, content: "hi" }];
	const forecast = [{ role: "user" as const, content: "forecast, please" }];
	const parameters = SCHEMA;

	test("answers the openai package", async () => {
		const whole = await gateway.openai().chat.completions.create({ model, messages: greeting });
		const streamed = await gateway
			.openai()
			.chat.completions.stream({ model, messages: greeting })
			.finalChatCompletion();
		const response = await gateway.openai().responses.create({ model, input: "hi" });
		const texts = [whole, streamed].map(({ choices }) => choices[0]?.message.content);
		expect([...texts, response.output_text]).toEqual(Array.from({ length: 3 }, () => "A mock says hello."));
	});

	test("answers the Anthropic package", async () => {
		const asked = { model, max_tokens: 50, messages: greeting };
		const whole = await gateway.anthropic().messages.create(asked);
		const streamed = await gateway.anthropic().messages.stream(asked).finalMessage();
		for (const { content } of [whole, streamed]) {
			expect(content).toMatchObject([{ type: "text", text: "A mock says hello." }]);
		}
	});

	test("calls two tools at once in both packages", async () => {
		const chat = await gateway.openai().chat.completions.create({
			...{ model, messages: forecast },
			tools: [{ type: "function", function: { name: "weather", parameters } }],
		});
		const called = (chat.choices[0]?.message.tool_calls ?? []).map((call) =>
			call.type === "function" ? (JSON.parse(call.function.arguments) as { city: string }).city : "",
		);
		const message = await gateway
			.anthropic()
			.messages.stream({
				...{ model, max_tokens: 50, messages: forecast },
				tools: [{ name: "weather", input_schema: parameters }],
			})
			.finalMessage();
		const used = message.content.flatMap((block) =>
			block.type === "tool_use" ? [(block.input as { city: string }).city] : [],
		);
		expect({ called, used }).toEqual({ called: CITIES, used: CITIES });
	});
});
