import { setTimeout as sleep } from "node:timers/promises";
import type { Language } from "../pipeline/message.ts";
import { demoTexts } from "../texts/demo.ts";
import { say } from "../texts/say.ts";
import type { ChatMessage, Provider, ProviderEvent, ProviderRequest } from "./provider.ts";

/** The model that stands for policy CHEAP in the provider table; any other name stands for BEST. */
export const DEMO_ECONOMY_MODEL = "demo-economy";
export const DEMO_SMART_MODEL = "demo-smart";

export type DemoOptions = {
	readonly countTokens: (text: string) => number;
	/** What would be asked with keys set, such as "Anthropic claude-sonnet-4-5", by demo model. */
	readonly wouldUse: Readonly<Record<string, string>>;
	/** Milliseconds between words; 0: as fast as it goes. */
	readonly pauseMs?: number;
};

const PAUSE_MS = 8;
const EXCERPT_LENGTH_MAX = 200;

/**
 * Answers without any network, and says so: what was asked, what would have happened with a key, what it would cost.
 * Deterministic; in the language the user writes, else the one the system prompt asks for.
 */
export function createDemoProvider(options: DemoOptions): Provider {
	const { pauseMs = PAUSE_MS } = options;
	return {
		dialect: "demo",
		async *stream(_, request, signal): AsyncGenerator<ProviderEvent, void, void> {
			const inputTokens = request.messages.reduce(
				(sum, message) => sum + options.countTokens(message.content),
				0,
			);
			const words = toWords(toAnswer(request, inputTokens, options));
			let text = "";
			for (const word of words) {
				signal.throwIfAborted();
				const longer = text + word;
				// A token is at least one byte, so the count is needed only near the limit.
				if (Buffer.byteLength(longer) > request.maxOutputTokens) {
					if (options.countTokens(longer) > request.maxOutputTokens) break;
				}
				text = longer;
				yield { kind: "text", text: word };
				if (pauseMs > 0) await pause(pauseMs, signal);
			}
			const complete = text.length === words.reduce((sum, word) => sum + word.length, 0);
			yield {
				kind: "end",
				finishReason: complete ? "stop" : "length",
				usage: { inputTokens, outputTokens: options.countTokens(text) },
			};
		},
	};
}

function toAnswer(request: ProviderRequest, inputTokens: number, options: DemoOptions): string {
	const language = toSpokenLanguage(request.messages);
	const asked = request.messages.findLast((message) => message.role === "user")?.content ?? "";
	const policy = request.model === DEMO_ECONOMY_MODEL ? demoTexts.policyCheap : demoTexts.policyBest;
	const route = options.wouldUse[request.model];
	const facts = [
		say(policy, language),
		...(route === undefined ? [] : [say(demoTexts.provider, language, { route })]),
		say(demoTexts.tokens, language, { input: inputTokens, output: request.maxOutputTokens }),
	];
	return [
		say(demoTexts.intro, language),
		say(demoTexts.heard, language, { excerpt: toExcerpt(asked) }),
		`${say(demoTexts.wouldBe, language)}\n${facts.map((fact) => `- ${fact}`).join("\n")}`,
		say(demoTexts.next, language),
	].join("\n\n");
}

/** One line, without the signs that would make it Markdown of its own. */
function toExcerpt(text: string): string {
	const line = text.replace(/[\s*_`~[\]<>#|\\]+/g, " ").trim();
	const points = [...line.slice(0, EXCERPT_LENGTH_MAX * 2)];
	return points.length <= EXCERPT_LENGTH_MAX ? line : `${points.slice(0, EXCERPT_LENGTH_MAX).join("")}…`;
}

function toSpokenLanguage(messages: readonly ChatMessage[]): Language {
	const asked = messages.findLast((message) => message.role === "user")?.content ?? "";
	if (/\p{Script=Han}/u.test(asked)) return "zh-CN";
	if (/\p{Script=Cyrillic}/u.test(asked)) return "ru";
	const system = messages.find((message) => message.role === "system")?.content ?? "";
	if (/\p{L}{3}/u.test(asked)) return "en";
	if (/chinese|中文/i.test(system)) return "zh-CN";
	return /russian|русск/i.test(system) ? "ru" : "en";
}

function toWords(text: string): readonly string[] {
	return text.match(/\p{Script=Han}{1,4}|[^\s\p{Script=Han}]+\s*|\s+/gu) ?? [];
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
	try {
		await sleep(ms, undefined, { signal });
	} catch {
		throw signal.reason;
	}
}
