export type BotToken = { readonly botId: string; readonly token: string };

/** "123456:AA…": the number in front is the bot's own id (source: core.telegram.org/bots/api#authorizing-your-bot). */
const TOKEN = /^(\d{1,20}):[\w-]{20,100}$/;

/** @throws Error that names the place of a bad token, never the token */
export function parseBotTokens(tokens: readonly string[]): readonly BotToken[] {
	const seen = new Set<string>();
	return tokens.map((token, at) => {
		const botId = TOKEN.exec(token)?.[1];
		if (botId === undefined) {
			throw new Error(
				`Telegram bot token number ${at + 1} is not one: @BotFather gives "<number>:<letters>".`,
			);
		}
		if (seen.has(botId)) throw new Error(`Telegram bot ${botId} is named twice: one token each.`);
		seen.add(botId);
		return { botId, token };
	});
}
