import type { JsonObject } from "../types.ts";
import { toContent } from "./anthropic-parts.ts";

/** As Anthropic's own clients put it to models that know no such message; models are used to it. */
const BEGIN = "<system-reminder>\n";
const END = "\n</system-reminder>";

/**
 * System messages that come after the beginning as words of the user's turn. Claude Code sends them in every conversation,
 * and the templates of many open models refuse one that is not the first message (ollama/ollama#17774, vllm-project/vllm#41114,
 * read 2026-11-20). Moving them to the top instead would change the beginning each time, and with it all that is cached.
 */
export function toRemindedMessages(messages: readonly JsonObject[]): readonly JsonObject[] {
	const told: JsonObject[] = [];
	for (const message of messages) {
		const last = told.at(-1);
		if (message["role"] !== "system" || last === undefined) told.push(message);
		else if (last["role"] === "system") told.splice(-1, 1, join(last, message["content"]));
		else if (last["role"] === "user") told.splice(-1, 1, join(last, toReminder(message)));
		else told.push({ role: "user", content: toReminder(message) });
	}
	return told;
}

function toReminder({ content }: JsonObject): string {
	return `${BEGIN}${String(content)}${END}`;
}

/** With this text behind what it says. */
function join(message: JsonObject, text: unknown): JsonObject {
	const { content } = message;
	const parts = Array.isArray(content)
		? (content as readonly JsonObject[])
		: [{ type: "text", text: content }];
	return { ...message, content: toContent([...parts, { type: "text", text }]) };
}
