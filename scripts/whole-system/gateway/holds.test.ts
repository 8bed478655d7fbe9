import { describe, expect, test } from "@jest/globals";
import type { Surface } from "../../../core/dialects/types.ts";
import { eventually } from "../../../core/testing/eventually.ts";
import { readCharges } from "../testing/read-charges.ts";
import { PATHS, post, toBody } from "./ask-raw.ts";
import { modelNamed, modelOf, useGateway } from "./use-gateway.ts";

const gateway = useGateway({ vendors: [{ id: "vectors", kind: "embedding" }] });
const CALLS = 20;
const DAILY = 5_000;
const numbers = Array.from({ length: 2_000 }, (_, at) => at);
const pdf = `JVBERi0xLjcK${"QUJD".repeat(20_000)}`;
const picture = `iVBORw0KGgoA${"QUJD".repeat(20_000)}`;

function toTool(schema: object): object {
	const parameters = { type: "object", properties: { x: schema } };
	return { tools: [{ type: "function", function: { name: "x", parameters } }] };
}

function toParts(...parts: readonly object[]): object {
	return { max_tokens: 10, messages: [{ role: "user", content: [{ type: "text", text: "?" }, ...parts] }] };
}

/** What a vendor charges for each is within what vendors say of them. */
const DEAR: readonly (readonly [what: string, surface: Surface, more: object, input: number])[] = [
	["a schema of numbers", "openai", toTool({ enum: numbers }), 7_000],
	["a schema of brackets", "openai", toTool({ enum: numbers.map(() => []) }), 2_000],
	["a schema of single letters", "openai", toTool({ enum: numbers.map(() => "a") }), 3_000],
	[
		"a document",
		"anthropic",
		toParts({ type: "document", source: { type: "base64", media_type: "application/pdf", data: pdf } }),
		18_000,
	],
	[
		"a document elsewhere",
		"anthropic",
		toParts({ type: "document", source: { type: "url", url: "https://a.test/long.pdf" } }),
		90_000,
	],
	[
		"text that begins like a picture",
		"anthropic",
		toParts({ type: "document", source: { type: "text", media_type: "text/plain", data: picture } }),
		18_000,
	],
	[
		"a picture elsewhere",
		"openai",
		toParts({ type: "image_url", image_url: { url: "https://a.test/a.png" } }),
		1_500,
	],
];

describe("what is held is not far below what a vendor may charge", () => {
	test.each(DEAR)("for %s", async (_, surface, more, input) => {
		const dialect = surface === "anthropic" ? "anthropic" : "openai";
		const { accountId, key } = await gateway.addPerson({ dailyTokens: DAILY });
		gateway.vendor(dialect).answerAlways({ kind: "text", usage: { input, output: 2 } });
		const body = toBody(surface, modelOf(dialect), { max_tokens: 10, ...more });
		const answers = await Promise.all(
			Array.from({ length: CALLS }, async () => await post(gateway.origin(), PATHS[surface], { key, body })),
		);
		const won = answers.filter(({ status }) => status === 200).length;
		expect(won).toBeLessThanOrEqual(Math.floor(DAILY / input));
		expect(answers.filter(({ status }) => status === 402)).toHaveLength(CALLS - won);
		const { db } = gateway.world();
		await eventually(async () => (await readCharges(db, accountId)).usage.length >= won);
		const { reservations } = await readCharges(db, accountId);
		for (const { overrun } of reservations) expect(overrun).toBe(0);
	});

	test("for numbers that are tokens", async () => {
		const { accountId, key } = await gateway.addPerson({ dailyTokens: DAILY });
		gateway.vendorNamed("vectors").answerAlways({ kind: "text", usage: { input: 2_000, output: 0 } });
		const body = { model: modelNamed("vectors"), input: [numbers] };
		const answers = await Promise.all(
			Array.from(
				{ length: CALLS },
				async () => await post(gateway.origin(), "/v1/embeddings", { key, body }),
			),
		);
		const won = answers.filter(({ status }) => status === 200).length;
		expect([1, 2]).toContain(won);
		const { reservations } = await readCharges(gateway.world().db, accountId);
		for (const { overrun } of reservations) expect(overrun).toBe(0);
	});
});

describe("what the vendor says is believed", () => {
	test.each<[string, Surface, object, number]>([
		["a picture elsewhere", "openai", DEAR[6]?.[2] ?? {}, 1_500],
		[
			"a picture elsewhere",
			"anthropic",
			toParts({ type: "image", source: { type: "url", url: "https://a.test/a.png" } }),
			1_500,
		],
		[
			"a picture elsewhere",
			"responses",
			{ input: [{ role: "user", content: [{ type: "input_image", image_url: "https://a.test/a.png" }] }] },
			1_500,
		],
		["a document elsewhere", "anthropic", DEAR[4]?.[2] ?? {}, 90_000],
		["a small tool", "anthropic", { tools: [{ name: "x", input_schema: { type: "object" } }] }, 420],
		["a small picture of many points", "openai", toSmallPicture(), 1_500],
	])("%s costs what it costs (%s)", async (_, surface, more, input) => {
		const dialect = surface === "anthropic" ? "anthropic" : "openai";
		const { accountId, key } = await gateway.addPerson({ dailyTokens: 1_000_000 });
		gateway.vendor(dialect).answerAlways({ kind: "text", usage: { input, output: 2 } });
		const body = toBody(surface, modelOf(dialect), more);
		expect((await post(gateway.origin(), PATHS[surface], { key, body })).status).toBe(200);
		const { usage } = await readCharges(gateway.world().db, accountId);
		expect(usage).toMatchObject([{ origin: "reported", input, charged: input + 2 }]);
	});
});

function toSmallPicture(): object {
	return toParts({ type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgoA" } });
}
