import { isObject } from "./fields.ts";
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

/** Anthropic refuses a block whose signature it did not make: those of ours go before a body is sent there. */
export function dropUnsignedThinking(body: JsonObject): JsonObject {
	const messages = body["messages"];
	if (!Array.isArray(messages) || !messages.some(hasUnsigned)) return body;
	return {
		...body,
		messages: messages
			.map((message: unknown) => (isObject(message) && hasUnsigned(message) ? without(message) : message))
			.filter(
				(message) =>
					!(isObject(message) && Array.isArray(message["content"]) && message["content"].length === 0),
			),
	};
}

function hasUnsigned(message: unknown): boolean {
	if (!isObject(message) || !Array.isArray(message["content"])) return false;
	return message["content"].some((block) => isObject(block) && isUnsigned(block));
}

function without(message: JsonObject): JsonObject {
	const content = message["content"];
	if (!Array.isArray(content)) return message;
	return { ...message, content: content.filter((block) => !(isObject(block) && isUnsigned(block))) };
}
