import type { Channel } from "../../core/channels/channel.ts";
import type { Core } from "../../core/core.ts";
import { createTransport } from "./api/transport.ts";
import { parseBotTokens } from "./bot-tokens.ts";
import { createBotClient } from "./client/bot-client.ts";
import { createTelegramChannel } from "./create-telegram-channel.ts";
import type { BotIdentity } from "./inbound/address.ts";
import type { TelegramCommand } from "./ingress/register-profile.ts";
import type { RunningTelegram, TelegramMode, TelegramTimings } from "./ingress/start-ingress.ts";
import { startIngress } from "./ingress/start-ingress.ts";
import type { TelegramLog } from "./telegram-log.ts";

export type TelegramOptions = {
	readonly tokens: readonly string[];
	/** Without a slash at the end, such as "https://api.telegram.org". */
	readonly apiRoot: string;
	readonly mode: TelegramMode;
	readonly commands: readonly TelegramCommand[];
	/** Makes JSON text what the database can store. */
	readonly toStorableJson: (raw: string) => string;
	readonly log: TelegramLog;
	/** For tests. */
	readonly timings?: Partial<TelegramTimings>;
};

export type Telegram = {
	/** For core: handles and delivers, whether or not updates come in here. */
	readonly channel: Channel;
	/** Without "@"; undefined until Telegram has said it. */
	usernameOf(botId: string): string | undefined;
	/** Lets updates in. @throws Error for a weak webhook secret */
	start(core: Pick<Core, "accept">): RunningTelegram;
	/** After the last delivery: closes the connections to Telegram. */
	close(): Promise<void>;
};

/**
 * All Telegram bots of this process. In two steps, since core needs the channel before it can accept.
 * @throws Error for a malformed or repeated token, or a public URL that is none
 */
export function createTelegram(options: TelegramOptions): Telegram {
	const bots = parseBotTokens(options.tokens);
	const transport = createTransport({ apiRoot: options.apiRoot.replace(/\/+$/, "") });
	const clients = new Map(bots.map(({ botId, token }) => [botId, createBotClient(token, transport)]));
	const identities = new Map<string, BotIdentity>();
	const channel = createTelegramChannel({
		clients,
		identityOf: (botId) => identities.get(botId),
		commandNames: new Set(
			options.commands.filter(({ scopes }) => scopes.includes("group")).map(({ name }) => name),
		),
	});
	const isIgnored = (update: unknown, botId: string): boolean =>
		channel.toInbound(update, { botId, eventId: "" }).content.kind === "ignored";
	return {
		channel,
		usernameOf: (botId) => identities.get(botId)?.username,
		start: (core) => startIngress({ ...options, core, clients, identities, isIgnored }),
		close: async () => await transport.close(),
	};
}
