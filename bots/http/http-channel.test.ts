import { describe, expect, test } from "@jest/globals";
import { toChatEvent } from "./chat-event.ts";
import { createHttpChannel } from "./http-channel.ts";

const channel = createHttpChannel();
const event = { botId: "http", eventId: "account-1:k" };

describe("the HTTP channel", () => {
	test("reads back what the ingress stored", () => {
		const stored = toChatEvent(
			{ accountId: "account-1", conversation: "c", message: "hi", policy: "CN_OK" },
			"k",
			20,
		);
		expect(channel.toInbound(JSON.parse(stored.bodyJson), event)).toEqual({
			sender: { platform: "http", botId: "http", userId: "account-1" },
			chat: { platform: "http", botId: "http", id: "account-1", kind: "private", topicId: "c" },
			messageId: "account-1:k",
			content: { kind: "text", text: "hi", forwarded: false },
			policy: "CN_OK",
		});
	});

	test.each([[null], ["text"], [{}], [{ accountId: 1 }], [[]]])("takes %j as ignored", (body) => {
		expect(channel.toInbound(body, event).content.kind).toBe("ignored");
	});

	test("pushes nothing", async () => {
		expect(channel.capabilities.push).toBe(false);
		const chat = { platform: "http", botId: "http", id: "a", kind: "private" } as const;
		expect(await channel.send(chat, { text: "x", plain: "x" }, {})).toMatchObject({ kind: "undeliverable" });
	});
});
