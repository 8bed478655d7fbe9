import type { ChannelCapabilities } from "../../core/channels/channel.ts";
import { TEXT_LENGTH_MAX } from "./rendering/render.ts";

/** Messages that may wait in a chat (source: design message flow, rule 10). */
export const TELEGRAM_QUEUE_MAX = { private: 20, group: 50 } as const;

/** Figures: design platform facts (rates, sizes) and message flow, rules 8 and 13. */
export const TELEGRAM_CAPABILITIES: ChannelCapabilities = {
	edit: true,
	stream: {
		private: { style: "draft", intervalMs: 1000 },
		group: { style: "edit", intervalMs: 3500 },
	},
	buttons: true,
	typing: true,
	attachments: true,
	markup: "html",
	textLengthMax: TEXT_LENGTH_MAX,
	push: true,
	queueMax: TELEGRAM_QUEUE_MAX,
};
