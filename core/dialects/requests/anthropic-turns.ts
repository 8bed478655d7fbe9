import { isAbsent, looseText, refuse, requireArray, requireObject, requireText } from "../fields.ts";
import { toShortName } from "../tool-names.ts";
import type { JsonObject } from "../types.ts";
import { isUnsigned } from "../unsigned-thinking.ts";
import { toContent, toPart, toParts } from "./anthropic-parts.ts";

/** Ids of calls the last assistant turn made and nobody answered yet, and where that turn was. */
type Pending = { readonly field: string; readonly ids: Set<string> };

/** What Anthropic's own tools left behind in a conversation: meant for its eyes only. */
const OPAQUE = /^(?:redacted_thinking|server_tool_use|.+_tool_result|mcp_tool_use|compaction)$/;

/**
 * Anthropic's turns as chat messages. Results of tools become messages of their own, before what else the user said;
 * images in them follow in a user message, since a tool message takes only text.
 * @throws AppError REQUEST_INVALID for a tool result without its call and a call without its result
 */
export function toChatMessages(system: unknown, raw: unknown): readonly JsonObject[] {
	const messages: JsonObject[] = [...toSystem(system, "system")];
	let pending: Pending = { field: "", ids: new Set() };
	for (const [index, entry] of requireArray(raw, "messages").entries()) {
		const field = `messages.${index}`;
		const message = requireObject(entry, field);
		switch (message["role"]) {
			case "system":
				messages.push(...toSystem(message["content"], `${field}.content`));
				break;
			case "user":
				messages.push(...toUser(message["content"], `${field}.content`, pending.ids));
				refuseUnanswered(pending);
				break;
			case "assistant":
				refuseUnanswered(pending);
				pending = { field: `${field}.content`, ids: new Set() };
				messages.push(...toAssistant(message["content"], `${field}.content`, pending.ids));
				break;
			default:
				refuse(`${field}.role`, "must be user, assistant or system");
		}
	}
	refuseUnanswered(pending);
	if (messages.every((message) => message["role"] === "system")) refuse("messages", "must say something");
	return messages;
}

function toSystem(content: unknown, field: string): readonly JsonObject[] {
	const parts = toParts(content, field);
	const other = parts.findIndex((part) => part["type"] !== "text");
	if (other !== -1) refuse(`${field}.${other}.type`, "a system prompt is text only");
	return parts.length === 0 ? [] : [{ role: "system", content: toContent(parts) }];
}

function toUser(content: unknown, field: string, ids: Set<string>): readonly JsonObject[] {
	if (!Array.isArray(content)) {
		const parts = toParts(content, field);
		return parts.length === 0 ? [] : [{ role: "user", content: toContent(parts) }];
	}
	const results: JsonObject[] = [];
	const parts: JsonObject[] = [];
	for (const [index, entry] of content.entries()) {
		const block = requireObject(entry, `${field}.${index}`);
		if (block["type"] !== "tool_result") {
			parts.push(...toPart(block, `${field}.${index}`));
			continue;
		}
		const { message, shown } = toResult(block, `${field}.${index}`, ids);
		results.push(message);
		parts.push(...shown);
	}
	return parts.length === 0 ? results : [...results, { role: "user", content: toContent(parts) }];
}

function toResult(
	block: JsonObject,
	field: string,
	ids: Set<string>,
): { readonly message: JsonObject; readonly shown: readonly JsonObject[] } {
	const id = requireText(block["tool_use_id"], `${field}.tool_use_id`);
	if (!ids.delete(id)) refuse(`${field}.tool_use_id`, "answers no call of the message before it");
	const parts = toParts(block["content"], `${field}.content`);
	const texts = parts.filter((part) => part["type"] === "text").map((part) => looseText(part["text"]));
	const images = parts.filter((part) => part["type"] !== "text");
	const said = texts.join("\n");
	const text = block["is_error"] === true ? `Error: ${said}` : said;
	const message = {
		role: "tool",
		tool_call_id: id,
		content: text === "" && images.length > 0 ? "(see below)" : text,
	};
	if (images.length === 0) return { message, shown: [] };
	return { message, shown: [{ type: "text", text: `Result of the tool call ${id}:` }, ...images] };
}

type Said = { text: string; reasoning: string; readonly calls: JsonObject[] };

function toAssistant(content: unknown, field: string, ids: Set<string>): readonly JsonObject[] {
	const said: Said = { text: "", reasoning: "", calls: [] };
	if (typeof content === "string") said.text = content;
	else {
		for (const [index, entry] of requireArray(content, field).entries()) {
			say(said, requireObject(entry, `${field}.${index}`), `${field}.${index}`, ids);
		}
	}
	const { text, reasoning, calls } = said;
	if (text === "" && calls.length === 0) return [];
	return [
		{
			role: "assistant",
			content: text === "" ? null : text,
			...(reasoning === "" ? {} : { reasoning_content: reasoning }),
			...(calls.length === 0 ? {} : { tool_calls: calls }),
		},
	];
}

function say(said: Said, block: JsonObject, field: string, ids: Set<string>): void {
	if (block["type"] === "text") said.text += requireText(block["text"], `${field}.text`);
	else if (block["type"] === "tool_use") said.calls.push(toCall(block, field, ids));
	else if (isUnsigned(block)) said.reasoning += looseText(block["thinking"]);
	else if (block["type"] !== "thinking" && !OPAQUE.test(looseText(block["type"]))) {
		refuse(`${field}.type`, "has no counterpart at this provider");
	}
}

function toCall(block: JsonObject, field: string, ids: Set<string>): JsonObject {
	const id = requireText(block["id"], `${field}.id`);
	if (ids.has(id)) refuse(`${field}.id`, "is used twice");
	ids.add(id);
	const input = isAbsent(block["input"]) ? {} : requireObject(block["input"], `${field}.input`);
	const name = toShortName(requireText(block["name"], `${field}.name`));
	return { id, type: "function", function: { name, arguments: JSON.stringify(input) } };
}

function refuseUnanswered(pending: Pending): void {
	const [id] = pending.ids;
	if (id !== undefined) refuse(pending.field, `no tool_result answers the call ${id.slice(0, 100)}`);
}
