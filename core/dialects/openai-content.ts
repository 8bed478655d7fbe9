import { isObject, looseArray, looseText } from "./fields.ts";

/** What a chat message or delta says; reasoning goes by two names, and Mistral puts it among the parts of the content. */
export type Said = { readonly thinking: string; readonly text: string; readonly refusal: string };

export function readSaid(message: Readonly<Record<string, unknown>>): Said {
	const content = message["content"];
	const thinking = looseText(message["reasoning_content"]) || looseText(message["reasoning"]);
	const refusal = looseText(message["refusal"]);
	if (!Array.isArray(content)) return { thinking, text: looseText(content), refusal };
	const parts = content.filter(isObject);
	return {
		thinking: thinking + parts.map((part) => readThinking(part["thinking"])).join(""),
		text: parts.map((part) => (part["type"] === "text" ? looseText(part["text"]) : "")).join(""),
		refusal,
	};
}

function readThinking(raw: unknown): string {
	if (typeof raw === "string") return raw;
	return looseArray(raw)
		.map((part) => (isObject(part) ? looseText(part["text"]) : ""))
		.join("");
}

/** Arguments as the text they should be; some local servers send the object itself. */
export function readArguments(raw: unknown): string {
	return isObject(raw) ? JSON.stringify(raw) : looseText(raw);
}
