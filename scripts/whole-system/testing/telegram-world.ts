import type { FakeChat } from "../../../bots/telegram/testing/fake-chat.ts";
import type { FakeBot, FakeTelegram } from "../../../bots/telegram/testing/fake-telegram.ts";
import { startFakeTelegram } from "../../../bots/telegram/testing/fake-telegram.ts";
import type { Sender } from "../../../core/pipeline/message.ts";
import { eventually } from "../../../core/testing/eventually.ts";
import type { AppWorld, Env } from "./app-world.ts";
import { createAppWorld } from "./app-world.ts";

/** A world whose nodes poll one bot of a Telegram of their own. */
export type TelegramWorld = AppWorld & {
	readonly telegram: FakeTelegram;
	readonly bot: FakeBot;
	/** The private chat of a member of the staff. */
	readonly staff: FakeChat;
	/** The private chat of a person who speaks this language; another one each time. */
	openChat(language?: string): FakeChat;
	/** Who core knows the person of a private chat as. */
	toSender(chat: FakeChat): Sender;
	/** Says it, waits until it was dealt with, and returns all the bot said since: "" when it kept silent. */
	say(chat: FakeChat, text: string): Promise<string>;
	/** Taps the button of that label or data and waits likewise. */
	tap(chat: FakeChat, labelOrData: string): Promise<string>;
};

const STAFF_ID = 1_000;

export async function createTelegramWorld(env: Env = {}): Promise<TelegramWorld> {
	const telegram = await startFakeTelegram();
	const bot = telegram.addBot();
	const world = await createAppWorld({
		TELEGRAM_BOT_TOKEN: bot.token,
		TELEGRAM_API_ROOT: telegram.url,
		STAFF: `telegram:${bot.id}:${STAFF_ID}`,
		...env,
	});
	let persons = 0;

	/** Events of a chat that are over, its fast lane included; undefined while one is not. */
	async function countOver(chat: FakeChat): Promise<number | undefined> {
		const lane = `telegram:${bot.id}:${chat.id}`;
		const { rows } = await world.db.raw<{ rows: { over: string; open: string }[] }>(
			`select count(*) filter (where status in ('done', 'dead', 'refused')) as over,
				count(*) filter (where status not in ('done', 'dead', 'refused')) as open
			from inbox where lane in (?, ?)`,
			[lane, `${lane}#fast`],
		);
		return Number(rows[0]?.open) > 0 ? undefined : Number(rows[0]?.over);
	}

	async function after(chat: FakeChat, act: () => void): Promise<string> {
		const before = (await countOver(chat)) ?? 0;
		const from = chat.visibleTexts().length;
		act();
		await eventually(async () => ((await countOver(chat)) ?? 0) > before);
		return chat.visibleTexts().slice(from).join("\n");
	}

	return {
		...world,
		telegram,
		bot,
		staff: bot.privateChat({ id: STAFF_ID, language_code: "en" }),
		openChat(language = "en") {
			persons += 1;
			return bot.privateChat({ id: STAFF_ID + persons, language_code: language });
		},
		toSender: (chat) => ({ platform: "telegram", botId: String(bot.id), userId: String(chat.id) }),
		say: async (chat, text) => await after(chat, () => void chat.sendText(text)),
		tap: async (chat, labelOrData) => await after(chat, () => void chat.pressButton(labelOrData)),
		async close() {
			await world.close();
			await telegram.close();
		},
	};
}
