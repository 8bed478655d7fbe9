import { setTimeout as sleep } from "node:timers/promises";
import { APIError as AnthropicError } from "@anthropic-ai/sdk";
import { describe, expect, test } from "@jest/globals";
import { APIError as OpenAiError } from "openai";
import type { Dialect } from "../../../core/dialects/types.ts";
import { toWireFormat } from "../../../core/testing/fake-provider-wire.ts";
import { DIALECTS, modelNamed, useGateway } from "./use-gateway.ts";

type Surface = "chat" | "messages" | "responses";

const SURFACES: readonly Surface[] = ["chat", "messages", "responses"];
const BREAKS = [
	{ name: "cut-late", follow: "cut", missing: 3 },
	{ name: "cut-early", follow: "cut", missing: 100_000 },
	{ name: "end-late", follow: "end", missing: 3 },
	{ name: "end-early", follow: "end", missing: 100_000 },
] as const;
const PAIRS = SURFACES.flatMap((surface) => DIALECTS.map((dialect) => ({ surface, dialect })));

const gateway = useGateway({
	vendors: PAIRS.flatMap(({ surface, dialect }) =>
		["whole", "too-long", ...BREAKS.map(({ name }) => name)].map((name) => ({
			id: toId(name, surface, dialect),
			dialect,
		})),
	),
});
const LONG = "x".repeat(200_000);
const TOO_LONG = "x".repeat(1_100_000);
const PATHS = { openai: "/v1/chat/completions", anthropic: "/v1/messages" } as const;
const messages = [{ role: "user" as const, content: "Tell me something long, please." }];

function toId(name: string, surface: Surface, dialect: Dialect): string {
	return `${name}-${surface}-${dialect}`;
}

/** One word, then one event with this text, of which the last bytes are missing; then a cut connection or a proper end. */
function answer(
	id: string,
	dialect: Dialect,
	options: { readonly text: string; readonly missing?: number; readonly follow?: "cut" | "end" },
): void {
	const { text, missing = 0, follow = "end" } = options;
	const { begin, piece, end } = toWireFormat(PATHS[dialect], { input: 20, output: 3 });
	gateway.vendorNamed(id).answerAlways({
		kind: "raw",
		async write(response) {
			response.writeHead(200, { "content-type": "text/event-stream" });
			const event = piece(text);
			const rest = missing === 0 ? end(undefined, true) : "";
			const sent = `${begin()}${piece("Once ")}${event.slice(0, event.length - missing)}${rest}`;
			for (let at = 0; at < sent.length; at += 9_973) response.write(sent.slice(at, at + 9_973));
			// Lets the pieces out first.
			await sleep(50);
			if (follow === "cut") response.destroy();
			else response.end();
		},
	});
}

/** The words of a stream as a package tells them. */
const READERS: Readonly<Record<Surface, (model: string) => AsyncGenerator<string>>> = {
	async *chat(model) {
		const stream = await gateway.openai().chat.completions.create({ model, messages, stream: true });
		for await (const { choices } of stream) yield choices[0]?.delta.content ?? "";
	},
	async *responses(model) {
		const stream = await gateway.openai().responses.create({ model, input: "hi", stream: true });
		for await (const event of stream) {
			// The package throws nothing of its own here: the event is the surface's word for it.
			if (event.type === "error") throw new OpenAiError(undefined, event, event.message, undefined);
			if (event.type === "response.output_text.delta") yield event.delta;
		}
	},
	async *messages(model) {
		const stream = await gateway
			.anthropic()
			.messages.create({ model, messages, max_tokens: 50, stream: true });
		for await (const event of stream) {
			if (event.type === "content_block_delta" && event.delta.type === "text_delta") yield event.delta.text;
		}
	},
};

async function read(surface: Surface, id: string): Promise<{ text: string; error: unknown }> {
	let text = "";
	try {
		for await (const piece of READERS[surface](modelNamed(id))) text += piece;
	} catch (error) {
		return { text, error };
	}
	return { text, error: undefined };
}

function expectCut({ text, error }: { readonly text: string; readonly error: unknown }): void {
	expect(error).not.toBeInstanceOf(SyntaxError);
	expect(error instanceof OpenAiError || error instanceof AnthropicError).toBe(true);
	expect(JSON.stringify((error as AnthropicError).error)).toContain("ROUTER_NO_PROVIDER");
	expect(text).toBe("Once ");
}

describe.each(PAIRS)("a stream of $surface over a vendor of the dialect $dialect", ({ surface, dialect }) => {
	test("has an event of 200 kB in full", async () => {
		const id = toId("whole", surface, dialect);
		answer(id, dialect, { text: LONG });
		expect(await read(surface, id)).toEqual({ text: `Once ${LONG}`, error: undefined });
	});

	test.each(BREAKS)("that breaks off inside one ($name) ends in the package's own error", async (cut) => {
		const id = toId(cut.name, surface, dialect);
		answer(id, dialect, { ...cut, text: LONG });
		expectCut(await read(surface, id));
	});

	test("ends so too where an event is longer than 1 MiB", async () => {
		const id = toId("too-long", surface, dialect);
		answer(id, dialect, { text: TOO_LONG });
		expectCut(await read(surface, id));
	});
});
