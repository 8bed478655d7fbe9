import type { Platform } from "../pipeline/message.ts";
import type { Channel } from "./channel.ts";

/** One bot this node serves. */
export type ServedBot = {
	/** "*": the channel serves every bot of its platform. */
	readonly botId: string;
	readonly channel: Channel;
};

/** The channels this node serves. It leaves the lanes of other bots alone: another node may have them. */
export type ChannelBook = {
	find(platform: Platform, botId: string): Channel | undefined;
	/** "platform:botId" or "platform:*" of every bot, as lanes begin. */
	readonly bots: readonly string[];
};

export function createChannelBook(served: readonly ServedBot[]): ChannelBook {
	const channels = new Map(served.map(({ botId, channel }) => [`${channel.platform}:${botId}`, channel]));
	return {
		find: (platform, botId) => channels.get(`${platform}:${botId}`) ?? channels.get(`${platform}:*`),
		bots: [...channels.keys()],
	};
}
