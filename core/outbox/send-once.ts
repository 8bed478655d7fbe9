import type { DeliveryContext, PartStep } from "./delivery-context.ts";
import { attempt, toBackOffMs } from "./delivery-context.ts";
import type { OutboxPart, PartState } from "./part.ts";

/**
 * For platforms where a message cannot be edited: sent at most once. Whoever finds a part being sent does not know whether it
 * was, and does not repeat it; /last shows it.
 */
export async function sendOnce(context: DeliveryContext, part: OutboxPart): Promise<PartStep> {
	const { channel, chat, hold, writeState, replyToMessageId } = context;
	const { content } = part;
	if (content === undefined) return final(part, "dead", "stored without its text");
	if (part.state === "sending" && !context.isFresh)
		return final(part, "unknown", "interrupted while it was sent");
	if (part.state === "new" && (await writeState(hold, { part: part.part, state: "sending" })) === "fenced") {
		return { kind: "fenced" };
	}
	const options = part.part === 0 && replyToMessageId !== undefined ? { replyToMessageId } : {};
	let result = await attempt(context, async () => await channel.send(chat, content, options));
	if (result.kind === "refused") {
		const plain = { ...content, text: content.plain };
		result = await attempt(context, async () => await channel.send(chat, plain, options));
	}
	switch (result.kind) {
		case "fenced":
			// Nothing was sent, so the next owner may; when the lease is really lost this writes nothing.
			await writeState(hold, { part: part.part, state: "new" });
			return result;
		case "sent":
			return { kind: "final", write: { part: part.part, state: "sent", messageId: result.messageId } };
		case "not-sent":
			return {
				kind: "later",
				write: { part: part.part, state: "new", error: result.why },
				delayMs: result.retryAfterMs ?? toBackOffMs(part.attempts),
			};
		case "unknown":
			return final(part, "unknown", result.why);
		case "undeliverable":
			return { ...final(part, "dead", `undeliverable: ${result.why}`), isGone: true };
		default:
			return final(part, "dead", `${result.kind}: ${result.why}`);
	}
}

function final(part: OutboxPart, state: PartState, error: string): PartStep & { readonly kind: "final" } {
	return { kind: "final", write: { part: part.part, state, error } };
}
