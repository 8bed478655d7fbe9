import { isObject, looseArray } from "./fields.ts";
import type { JsonObject } from "./types.ts";

/**
 * Anthropic's thinking blocks carry a signature which nobody else can make. A block we made of another vendor's reasoning
 * carries this word instead ("rockpool" in base64), so that callers hand it back and we know it again.
 */
export const OWN_SIGNATURE = "cm9ja3Bvb2w=";

/** Made by us, or by somebody else who has no signature either. */
export function isUnsigned(block: JsonObject): boolean {
	const signature = block["signature"];
	return (
		block["type"] === "thinking" &&
		(signature === undefined || signature === "" || signature === OWN_SIGNATURE)
	);
}

/**
 * Anthropic refuses a block whose signature it did not make: those of ours go before a body is sent there. Nor does it take a
 * budget to think with amid a round of tools that began without thoughts: there the budget goes too.
 */
export function dropUnsignedThinking(body: JsonObject): JsonObject {
	const messages = body["messages"];
	if (!Array.isArray(messages) || !messages.some(hasUnsigned)) return body;
	const kept: readonly unknown[] = messages
		.map((message: unknown) => (isObject(message) && hasUnsigned(message) ? without(message) : message))
		.filter((message) => !(isObject(message) && isEmpty(message["content"])));
	const { thinking, ...rest } = body;
	const isBudget = isObject(thinking) && thinking["type"] === "enabled";
	return isBudget && isAmidThoughtlessTools(kept) ? { ...rest, messages: kept } : { ...body, messages: kept };
}

/** The last turn answers tools, and the one that called them does not begin with thoughts. */
function isAmidThoughtlessTools(messages: readonly unknown[]): boolean {
	const [before, last] = [messages.at(-2), messages.at(-1)].map(readBlocks);
	if (last?.some((block) => block["type"] === "tool_result") !== true) return false;
	return !/^(?:redacted_)?thinking$/.test(String(before?.[0]?.["type"]));
}

function readBlocks(message: unknown): readonly JsonObject[] {
	return isObject(message) ? looseArray(message["content"]).filter(isObject) : [];
}

function isEmpty(content: unknown): boolean {
	return Array.isArray(content) && content.length === 0;
}

function hasUnsigned(message: unknown): boolean {
	return readBlocks(message).some(isUnsigned);
}

function without(message: JsonObject): JsonObject {
	const content = looseArray(message["content"]);
	return { ...message, content: content.filter((block) => !(isObject(block) && isUnsigned(block))) };
}
