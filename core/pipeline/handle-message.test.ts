import { expect, test } from "@jest/globals";
import type { TurnContext } from "../accounts/account.ts";
import { createTestDeps, testFindZone } from "../testing/command-context.ts";
import { handleMessage } from "./handle-message.ts";
import type { Chat, InboundContent } from "./message.ts";
import type { PipelineDeps } from "./pipeline-deps.ts";
import { createSenderPace } from "./sender-pace.ts";
import type { Turn, TurnOutcome } from "./turn.ts";

const PRIVATE: Chat = { platform: "telegram", botId: "7", id: "5", kind: "private" };

const CONTEXT: TurnContext = {
	account: {
		accountId: "1",
		status: "active",
		language: "en",
		zone: "UTC",
		policy: "BEST",
		routeOrder: [],
		onboarded: true,
		subscription: {
			subscriptionId: "1",
			live: true,
			endsAt: undefined,
			dailyTokens: 5_000,
			planName: "Free",
			instanceKind: "none",
			caller: { planId: "free", priority: 9, concurrency: 1, busyStrategy: "lowest_priority" },
		},
		conversationStartsAfter: "0",
		agent: undefined,
		instance: undefined,
	},
	isStaff: false,
	reachable: true,
	displayName: undefined,
	dialogues: [],
};

/** A pipeline whose clock stands still and whose model counts. */
function openPipeline() {
	let calls = 0;
	const refuse = async () => {
		throw new Error("not in this test");
	};
	const deps: PipelineDeps = {
		// Nothing here may reach the database.
		db: undefined as unknown as PipelineDeps["db"],
		instances: undefined,
		ledger: { balance: refuse },
		models: {
			call: async (request) => {
				calls += 1;
				return {
					text: "hello",
					outcome: "complete",
					route: { provider: "demo", model: "demo", region: "local" },
					settlement: { reservationId: "r", actualMicro: 0 },
					usage: {
						accountId: request.accountId,
						inboxId: request.inboxId,
						reservationId: "r",
						channel: request.channel,
						source: "chat",
						agentId: undefined,
						providerId: "demo",
						model: "demo",
						region: "local",
						policy: "BEST",
						inputTokens: 1,
						outputTokens: 1,
						tokensOrigin: "reported",
						chargedMicro: 0,
						firstTokenMs: 1,
						latencyMs: 1,
						outcome: "complete",
						errorCode: undefined,
					},
				};
			},
		},
		commands: { ...createTestDeps(), findZone: testFindZone },
		matchIntents: () => [],
		findContext: async () => CONTEXT,
		loadHistory: async () => [],
		loadCatalog: async () => ({ agents: [], skills: [] }),
		countTokens: async () => 1,
		dialogueEngine: () => refuse,
		botUsername: () => "rock_bot",
		pace: createSenderPace(() => 0),
		settings: {
			joinMode: "auto",
			pepper: "p",
			languageDefault: "en",
			zoneDefault: "UTC",
			supportUrl: undefined,
			historyTokensMax: 100,
			outputTokensMax: 100,
			isStaff: () => false,
		},
	};
	let inboxId = 0;
	async function send(content: InboundContent | string, chat: Chat = PRIVATE): Promise<TurnOutcome> {
		inboxId += 1;
		const turn: Turn = {
			inboxId: String(inboxId),
			lane: `${chat.platform}:7:${chat.id}`,
			attempt: 1,
			receivedAt: new Date("2026-11-20T14:00:00Z"),
			inbound: {
				sender: { platform: chat.platform, botId: "7", userId: "5" },
				chat,
				content: typeof content === "string" ? { kind: "text", text: content, forwarded: false } : content,
			},
			body: {},
			signal: new AbortController().signal,
			onText: () => undefined,
		};
		return await handleMessage(deps, turn);
	}
	return { send, calls: () => calls };
}

/** What became of `count` messages: answered, and then one that is told, and silence. */
async function flood(send: () => Promise<TurnOutcome>, count: number): Promise<readonly string[]> {
	const seen: string[] = [];
	for (let sent = 0; sent < count; sent += 1) {
		const { result } = await send();
		const isRefused = result.error?.code === "RATE_LIMITED";
		seen.push(!isRefused ? "answered" : result.replies.length > 0 ? "told" : "silent");
	}
	return seen;
}

function expectLimit(seen: readonly string[], limit: number): void {
	expect(seen.slice(0, limit)).toEqual(new Array(limit).fill("answered"));
	expect(seen[limit]).toBe("told");
	expect(seen.slice(limit + 1)).toEqual(new Array(seen.length - limit - 1).fill("silent"));
}

test("a person asks the model 20 times a minute, with words or with /retry", async () => {
	const { send, calls } = openPipeline();
	let number = 0;
	const either = async () => {
		number += 1;
		return await send(number % 2 === 0 ? "/retry" : "hi");
	};
	expectLimit(await flood(either, 30), 20);
	expect(calls()).toBe(20);
});

test("many groups are no way round the limit of a person", async () => {
	const { send, calls } = openPipeline();
	let group = 0;
	const elsewhere = async () => {
		group += 1;
		return await send("hi", { ...PRIVATE, id: `-${group}`, kind: "group" });
	};
	expectLimit(await flood(elsewhere, 30), 20);
	expect(calls()).toBe(20);
});

test.each([
	["commands", "/help"],
	["buttons", { kind: "action", actionId: "1", data: "cmd:help" }],
] as const)("a person's %s are limited too", async (_, content) => {
	const { send } = openPipeline();
	expectLimit(await flood(async () => await send(content), 70), 60);
});

test.each([
	["the word", "/stop"],
	["the button", { kind: "action", actionId: "1", data: "stop" }],
	["the platform's own button", { kind: "stop" }],
] as const)("%s stops an answer whatever else was sent", async (_, content) => {
	const { send } = openPipeline();
	await flood(async () => await send("/help"), 70);
	expect((await flood(async () => await send(content), 5)).every((one) => one === "answered")).toBe(true);
});

test("the operator's own terminal is not limited", async () => {
	const { send } = openPipeline();
	const chat: Chat = { platform: "terminal", botId: "local", id: "1", kind: "private" };
	expect((await flood(async () => await send("/help", chat), 100)).every((one) => one === "answered")).toBe(
		true,
	);
});
