import type { InboundContent } from "../../../core/pipeline/message.ts";
import { toInbound } from "../inbound/to-inbound.ts";

export const botId = "700";
export const event = { botId, eventId: "1" };
export const context = {
	identity: { botId, username: "Rock_bot" },
	commandNames: new Set(["help", "usage"]),
};
export const ann = { id: 5, is_bot: false, first_name: "Ann", last_name: "Lee", language_code: "zh-hans" };
export const privateChat = { id: 5, type: "private", first_name: "Ann" };
export const group = { id: -100, type: "supergroup", title: "G" };
export const ours = { message_id: 3, from: { id: 700, is_bot: true }, chat: group, text: "hi" };

export function parse(update: object) {
	return toInbound({ update_id: 1, ...update }, event, context);
}

export function message(fields: object): InboundContent {
	return parse({ message: { message_id: 9, date: 1, from: ann, chat: privateChat, ...fields } }).content;
}

export function inGroup(text: string, fields: object = {}): InboundContent {
	const entities = [...text.matchAll(/@\w+/g)].map((match) => ({
		type: "mention",
		offset: match.index,
		length: match[0].length,
	}));
	return message({ chat: group, text, entities, ...fields });
}

export function ignored(why: string) {
	return { kind: "ignored", why };
}
