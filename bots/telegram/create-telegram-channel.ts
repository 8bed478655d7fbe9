import type { Channel, SendResult } from "../../core/channels/channel.ts";
import type { Chat } from "../../core/pipeline/message.ts";
import type { BotClient } from "./client/bot-client.ts";
import { runDialogue } from "./conversations/run-dialogue.ts";
import type { BotIdentity } from "./inbound/address.ts";
import { toInbound } from "./inbound/to-inbound.ts";
import { render } from "./rendering/render.ts";
import { TELEGRAM_CAPABILITIES } from "./telegram-capabilities.ts";

export type TelegramChannelOptions = {
	/** By bot id: every bot this process speaks for. */
	readonly clients: ReadonlyMap<string, BotClient>;
	/** Who a bot is; undefined until Telegram has said so. */
	readonly identityOf: (botId: string) => BotIdentity | undefined;
	/** Commands a group may give without naming the bot. */
	readonly commandNames: ReadonlySet<string>;
};

/** One channel for all bots, since a chat names its bot. Nothing in it throws. */
export function createTelegramChannel({
	clients,
	identityOf,
	commandNames,
}: TelegramChannelOptions): Channel {
	return {
		platform: "telegram",
		capabilities: TELEGRAM_CAPABILITIES,
		toInbound: (body, event) => toInbound(body, event, { identity: identityOf(event.botId), commandNames }),
		render,
		send: async (chat, part, { replyToMessageId }) =>
			(await clients.get(chat.botId)?.send(chat, part, replyToMessageId)) ?? noBot(chat),
		edit: async (chat, messageId, part) =>
			(await clients.get(chat.botId)?.edit(chat, messageId, part)) ?? noBot(chat),
		draft: async (chat, draftId, markdown) =>
			(await clients.get(chat.botId)?.draft(chat, draftId, markdown)) ?? noBot(chat),
		typing: async (chat) => {
			await clients.get(chat.botId)?.typing(chat);
		},
		answerAction: async (chat, actionId, text) => {
			await clients.get(chat.botId)?.answerAction(actionId, text);
		},
		runDialogue,
	};
}

/** The operator took the bot away: its chats are closed until it comes back. */
function noBot(chat: Chat): SendResult {
	return { kind: "undeliverable", why: `no token for bot ${chat.botId}` };
}
