import { z } from "zod";
import type { Place } from "../../models/exchange.ts";
import type { ChatMessage, ProviderEvent } from "../../providers/provider.ts";
import type { GatewayCall } from "../call.ts";
import { toOutgoing } from "../request/to-outgoing.ts";
import type { AnswerSource } from "./answer-source.ts";

const partsSchema = z.array(z.looseObject({ text: z.string().optional() }));
const bodySchema = z.looseObject({
	messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })),
});

/** The demo speaks no dialect: its words are put into OpenAI's, as a vendor would send them. */
export function openDemoSource(
	call: GatewayCall,
	place: Place,
	onQueue: (queue: Pick<AnswerSource, "abort">) => void,
): AnswerSource {
	const controller = new AbortController();
	const abort = (reason: Error): void => controller.abort(reason);
	onQueue({ abort });
	const messages = readMessages(toOutgoing(call, place, "openai").body.toString());
	const { provider, endpoint, route, outputTokensMax: maxOutputTokens } = place;
	const events = provider.stream(
		endpoint,
		{ model: route.model, messages, maxOutputTokens },
		controller.signal,
	);
	const pieces = call.fields.isStream ? toStream(events, route.model) : toWhole(events, route.model);
	const iterator = pieces[Symbol.asyncIterator]();
	return {
		dialect: "openai",
		abort,
		leave: () => undefined,
		async read() {
			const next = await iterator.next();
			return next.done === true ? undefined : [Buffer.from(next.value)];
		},
	};
}

function readMessages(body: string): readonly ChatMessage[] {
	const { messages } = bodySchema.parse(JSON.parse(body));
	return messages.map(({ role, content }) => ({
		role: role === "assistant" || role === "system" ? role : "user",
		content: toText(content),
	}));
}

function toText(content: unknown): string {
	if (typeof content === "string") return content;
	const parts = partsSchema.safeParse(content);
	return parts.success ? parts.data.map(({ text = "" }) => text).join("\n") : "";
}

const CREATED = 0;

async function* toStream(events: AsyncIterable<ProviderEvent>, model: string): AsyncGenerator<string> {
	const chunk = (choices: readonly object[], more: object = {}): string =>
		`data: ${JSON.stringify({ id: "chatcmpl-demo", object: "chat.completion.chunk", created: CREATED, model, choices, ...more })}\n\n`;
	let isFirst = true;
	for await (const event of events) {
		if (event.kind === "text") {
			const delta = { ...(isFirst && { role: "assistant" }), content: event.text };
			isFirst = false;
			yield chunk([{ index: 0, delta, finish_reason: null }]);
		} else {
			yield chunk([{ index: 0, delta: {}, finish_reason: event.finishReason }]);
			yield `${chunk([], { usage: toUsage(event) })}data: [DONE]\n\n`;
		}
	}
}

async function* toWhole(events: AsyncIterable<ProviderEvent>, model: string): AsyncGenerator<string> {
	let content = "";
	for await (const event of events) {
		if (event.kind === "text") content += event.text;
		else {
			const message = { role: "assistant", content, refusal: null };
			const choices = [{ index: 0, message, finish_reason: event.finishReason, logprobs: null }];
			const base = { id: "chatcmpl-demo", object: "chat.completion", created: CREATED, model };
			yield JSON.stringify({ ...base, choices, usage: toUsage(event) });
		}
	}
}

function toUsage({ usage }: Extract<ProviderEvent, { kind: "end" }>): object {
	const { inputTokens = 0, outputTokens = 0 } = usage ?? {};
	return {
		prompt_tokens: inputTokens,
		completion_tokens: outputTokens,
		total_tokens: inputTokens + outputTokens,
	};
}
