import { describe, expect, test } from "@jest/globals";
import { collectAnswer } from "../testing/collect-answer.ts";
import { createDemoProvider, DEMO_ECONOMY_MODEL, DEMO_SMART_MODEL } from "./demo.ts";
import type { ChatMessage, ProviderEndpoint } from "./provider.ts";

const ENDPOINT: ProviderEndpoint = {
	providerId: "demo",
	baseUrl: "demo:",
	apiKey: "",
	allowPrivateNetwork: false,
	timeouts: { connectMs: 1, firstByteMs: 1, idleMs: 1, totalMs: 1 },
};

const demo = createDemoProvider({
	countTokens: (text) => Math.ceil(text.length / 4),
	wouldUse: { [DEMO_SMART_MODEL]: "Anthropic claude", [DEMO_ECONOMY_MODEL]: "Cloud.ru GLM" },
	pauseMs: 0,
});

async function ask(messages: readonly ChatMessage[], model = DEMO_SMART_MODEL, maxOutputTokens = 1_024) {
	return await collectAnswer(
		demo.stream(ENDPOINT, { model, messages, maxOutputTokens }, new AbortController().signal),
	);
}

function user(content: string): ChatMessage {
	return { role: "user", content };
}

test("says that it is a demo and what would have happened", async () => {
	const { text, finishReason } = await ask([user("What is a claw?")]);
	expect(text).toContain("offline demo");
	expect(text).toContain("What is a claw?");
	expect(text).toContain("policy BEST");
	expect(text).toContain("Anthropic claude");
	expect(text).toContain("4 in, at most 1024 out");
	expect(finishReason).toBe("stop");
	const economy = await ask([user("What is a claw?")], DEMO_ECONOMY_MODEL);
	expect(economy.text).toContain("policy CHEAP");
	expect(economy.text).toContain("Cloud.ru GLM");
});

test("says the same to the same question", async () => {
	expect(await ask([user("hello")])).toEqual(await ask([user("hello")]));
});

describe("speaks", () => {
	test.each([
		["hello", "", "offline demo"],
		["你好，请介绍一下", "", "离线演示"],
		["Привет, расскажи о себе", "", "офлайн-демо"],
		["42?", "Answer in Russian.", "офлайн-демо"],
		["42?", "请用中文回答。", "离线演示"],
		["42?", "", "offline demo"],
		["hello there", "Answer in Russian.", "offline demo"],
	])("%s (%s): %s", async (question, system, words) => {
		const messages =
			system === "" ? [user(question)] : [{ role: "system" as const, content: system }, user(question)];
		expect((await ask(messages)).text).toContain(words);
	});
});

test("keeps to the length that was paid for", async () => {
	const answer = await ask([user("hello")], DEMO_SMART_MODEL, 30);
	expect(answer.finishReason).toBe("length");
	expect(answer.usage?.outputTokens).toBeLessThanOrEqual(30);
});

test("quotes without letting the question format the answer", async () => {
	const { text } = await ask([user(`# hi\n[x](http://evil.example.com) **bold** ${"long ".repeat(200)}`)]);
	expect(text).not.toContain("](");
	expect(text).not.toContain("**bold**");
	expect(text.length).toBeLessThan(1_500);
});
