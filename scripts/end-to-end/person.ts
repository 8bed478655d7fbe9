import type { FakeChat } from "../../bots/telegram/testing/fake-chat.ts";
import type { FakeSay } from "../../bots/telegram/testing/fake-posts.ts";
import type { FakeBot } from "../../bots/telegram/testing/fake-telegram.ts";
import { pollUntil } from "../../core/testing/poll-until.ts";
import type { World } from "./start-world.ts";

/** Somebody in a chat with a bot, who waits for what he is told. */
export type Person = {
	readonly chat: FakeChat;
	/** Sends it; does not wait. Answers the message's id. */
	send(text: string, say?: FakeSay): number;
	/** Sends it and waits until its turn is over: what the bot has said meanwhile. */
	ask(text: string, say?: FakeSay): Promise<readonly string[]>;
	/** Presses a button by label or data and waits until that is done: what the bot has said meanwhile, and the toast. */
	press(label: string): Promise<{ readonly texts: readonly string[]; readonly toast: string }>;
	/** Waits until the turn of a message is over. */
	answered(messageId: number): Promise<void>;
	/** What the bot has said since a message. */
	since(messageId: number): readonly string[];
	/** Waits for a text of the bot that fits. */
	reads(pattern: RegExp): Promise<string>;
};

export function toPerson(world: Pick<World, "db" | "bot">, chat: FakeChat, bot: FakeBot = world.bot): Person {
	const lastId = (): number => Math.max(0, ...chat.messages().map(({ messageId }) => messageId));
	const since: Person["since"] = (messageId) =>
		chat
			.visibleMessages()
			.filter((message) => message.messageId > messageId)
			.map(({ text }) => text);
	const over = async (where: string, value: string): Promise<void> => {
		await pollUntil(async () => {
			const row = await world
				.db("inbox")
				.where("bot_id", String(bot.id))
				.whereRaw(where, [value])
				.whereNot("status", "ready")
				.first("id");
			return row !== undefined;
		});
	};
	const answered: Person["answered"] = async (messageId) => {
		const chatId = String(chat.id);
		await over(
			`body -> 'message' -> 'chat' ->> 'id' = '${chatId}' and body -> 'message' ->> 'message_id' = ?`,
			String(messageId),
		);
	};
	return {
		chat,
		send: chat.sendText,
		since,
		answered,
		async ask(text, say) {
			const messageId = chat.sendText(text, say);
			await answered(messageId);
			return since(messageId);
		},
		async press(label) {
			const before = lastId();
			const queryId = chat.pressButton(label);
			await over("body -> 'callback_query' ->> 'id' = ?", queryId);
			await pollUntil(() => chat.alert(queryId) !== undefined);
			return { texts: since(before), toast: chat.alert(queryId)?.text ?? "" };
		},
		async reads(pattern) {
			let found: string | undefined;
			await pollUntil(() => {
				found = chat.visibleTexts().findLast((text) => pattern.test(text));
				return found !== undefined;
			});
			return found ?? "";
		},
	};
}

/** A person in a private chat of his own with the (first) bot. */
export function meet(
	world: Pick<World, "db" | "bot">,
	id: number,
	options: { readonly language?: string; readonly bot?: FakeBot } = {},
): Person {
	const { language = "en", bot = world.bot } = options;
	return toPerson(world, bot.privateChat({ id, language_code: language }), bot);
}
