import type { Channel, RenderedPart } from "../channels/channel.ts";
import type { Reply } from "../pipeline/message.ts";
import type { PartState } from "./part.ts";

/** More messages than this are no answer but a flood. Also keeps part numbers far from smallint's end. */
const PARTS_MAX = 100;

export type NewPart = { readonly part: number; readonly content: RenderedPart; readonly state: PartState };

/**
 * The messages an answer becomes. The first is marked as being sent in the very transaction that stores it, which saves
 * a statement: whoever finds it so must assume that it may have been sent, and that is always allowed.
 */
export function toParts(channel: Channel, replies: readonly Reply[]): readonly NewPart[] {
	if (!channel.capabilities.push) return [];
	const first: PartState = channel.capabilities.edit ? "ph_sending" : "sending";
	return replies
		.flatMap((reply) => channel.render(reply))
		.slice(0, PARTS_MAX)
		.map((content, part) => ({ part, content, state: part === 0 ? first : "new" }));
}
