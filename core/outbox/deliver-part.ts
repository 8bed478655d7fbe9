import type { SendResult } from "../channels/channel.ts";
import type { DeliveryContext, PartStep } from "./delivery-context.ts";
import { attempt, toBackOffMs } from "./delivery-context.ts";
import type { OutboxPart, StateWrite } from "./part.ts";
import { PLACEHOLDER } from "./placeholder.ts";
import { sendOnce } from "./send-once.ts";

/** Beginning of the stored reason after which a placeholder that vanished again is not replaced a second time. */
const MISSING = "missing: ";

/** Brings one part as far as it goes. Every write but the last is stored here; the last is the caller's. */
export async function deliverPart(context: DeliveryContext, part: OutboxPart): Promise<PartStep> {
	if (!context.channel.capabilities.edit) return await sendOnce(context, part);
	let current = part;
	if (current.state === "new" || current.state === "ph_sending") {
		const placed = await place(context, current);
		if ("kind" in placed) return placed;
		current = placed;
	}
	if (current.state === "ph_sent") {
		const filled = await fill(context, current);
		if ("kind" in filled) return filled;
		current = filled;
	}
	return await attach(context, current);
}

/**
 * Sends a placeholder. Whatever an earlier try did, a new one is right: the worst is an orphan "…", never a second answer.
 */
async function place(context: DeliveryContext, part: OutboxPart): Promise<OutboxPart | PartStep> {
	const { channel, chat, hold, writeState, replyToMessageId } = context;
	const isMarked = part.state === "ph_sending";
	if (!isMarked && (await writeState(hold, { part: part.part, state: "ph_sending" })) === "fenced") {
		return { kind: "fenced" };
	}
	const options = part.part === 0 && replyToMessageId !== undefined ? { replyToMessageId } : {};
	const result = await attempt(context, async () => await channel.send(chat, PLACEHOLDER, options));
	if (result.kind !== "sent") return fail(part, "ph_sending", result);
	const { messageId } = result;
	if ((await writeState(hold, { part: part.part, state: "ph_sent", messageId })) === "fenced") {
		return { kind: "fenced" };
	}
	return { ...part, state: "ph_sent", messageId, attempts: 0 };
}

/** Puts the text into the placeholder; repeating it is harmless. */
async function fill(context: DeliveryContext, part: OutboxPart): Promise<OutboxPart | PartStep> {
	const { channel, chat } = context;
	const { messageId, content } = part;
	if (messageId === undefined || content === undefined) {
		return final(part, "dead", "stored without its text or its message");
	}
	const { attachment, ...text } = content;
	let result = await attempt(context, async () => await channel.edit(chat, messageId, text));
	if (result.kind === "refused") {
		const plain = { ...text, text: text.plain };
		result = await attempt(context, async () => await channel.edit(chat, messageId, plain));
	}
	if (result.kind === "missing") return await replace(context, part, result.why);
	if (result.kind !== "sent") return fail(part, "ph_sent", result);
	if (attachment === undefined || !channel.capabilities.attachments) return final(part, "done");
	const stored = await context.writeState(context.hold, { part: part.part, state: "sent" });
	return stored === "fenced" ? { kind: "fenced" } : { ...part, state: "sent", attempts: 0 };
}

/** The user deleted the placeholder: one more, then the answer stays where /last finds it. */
async function replace(
	context: DeliveryContext,
	part: OutboxPart,
	why: string,
): Promise<OutboxPart | PartStep> {
	if (part.lastError?.startsWith(MISSING) === true) return final(part, "dead", `${MISSING}${why}`);
	const lastError = `${MISSING}${why}`;
	const write: StateWrite = { part: part.part, state: "ph_sending", error: lastError };
	if ((await context.writeState(context.hold, write)) === "fenced") return { kind: "fenced" };
	const placed = await place(context, { ...part, state: "ph_sending", lastError });
	return "kind" in placed ? placed : await fill(context, placed);
}

/** Sends the file after its text, at least once. */
async function attach(context: DeliveryContext, part: OutboxPart): Promise<PartStep> {
	const { channel, chat } = context;
	const attachment = part.content?.attachment;
	if (attachment === undefined) return final(part, "done");
	const file = { text: "", plain: "", attachment };
	const result = await attempt(context, async () => await channel.send(chat, file, {}));
	return result.kind === "sent" ? final(part, "done") : fail(part, "sent", result);
}

/** What every failed request means but for "missing", which only an edit can repair. */
function fail(
	part: OutboxPart,
	state: "ph_sending" | "ph_sent" | "sent",
	result: Exclude<SendResult, { kind: "sent" }> | { readonly kind: "fenced" },
): PartStep {
	switch (result.kind) {
		case "fenced":
			return result;
		case "not-sent": {
			const write: StateWrite = {
				part: part.part,
				state: state === "ph_sending" ? "new" : state,
				error: result.why,
			};
			return { kind: "later", write, delayMs: result.retryAfterMs ?? toBackOffMs(part.attempts) };
		}
		case "unknown":
			return {
				kind: "later",
				write: { part: part.part, state, error: result.why },
				delayMs: toBackOffMs(part.attempts),
			};
		case "undeliverable":
			return {
				kind: "final",
				write: { part: part.part, state: "dead", error: `undeliverable: ${result.why}` },
				isGone: true,
			};
		default:
			return final(part, "dead", `${result.kind}: ${result.why}`);
	}
}

function final(part: OutboxPart, state: "done" | "dead", error?: string): PartStep {
	return { kind: "final", write: { part: part.part, state, ...(error !== undefined && { error }) } };
}
