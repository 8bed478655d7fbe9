import {
	isAbsent,
	isObject,
	looseArray,
	looseText,
	optionalText,
	refuse,
	requireArray,
	requireObject,
	requireText,
} from "../fields.ts";
import type { JsonObject } from "../types.ts";

type Message = Record<string, unknown>;

/** How closely a picture is looked at, as chat knows it; it decides what the picture costs. "auto" is what is meant without. */
const DETAILS: ReadonlySet<unknown> = new Set(["low", "high"]);

/**
 * `instructions` and `input` of the Responses API as chat messages: each call joins the assistant's message it belongs to.
 * @throws AppError REQUEST_INVALID for items that live at OpenAI (references, its own tools)
 */
export function toMessages(instructions: unknown, input: unknown): readonly JsonObject[] {
	const messages: Message[] = [];
	const told = optionalText(instructions, "instructions");
	if (told !== undefined && told !== "") messages.push({ role: "system", content: told });
	if (typeof input === "string") return [...messages, { role: "user", content: input }];
	const openIds = new Set<string>();
	let reasoning = "";
	for (const [index, raw] of requireArray(input, "input").entries()) {
		const field = `input.${index}`;
		const item = requireObject(raw, field);
		if (item["type"] === "reasoning") {
			reasoning += readReasoning(item);
			continue;
		}
		const before = messages.at(-1);
		checkCall(openIds, item, field);
		addItem(messages, item, field);
		const last = messages.at(-1);
		if (last !== before && last?.["role"] === "assistant" && reasoning !== "") {
			last["reasoning_content"] = reasoning;
		}
		reasoning = "";
	}
	const [unanswered] = openIds;
	if (unanswered !== undefined) refuse("input", `no item answers the call ${unanswered.slice(0, 100)}`);
	return messages;
}

function checkCall(openIds: Set<string>, item: JsonObject, field: string): void {
	const id = item["call_id"];
	if (typeof id !== "string") return;
	if (item["type"] === "function_call") openIds.add(id);
	if (item["type"] === "function_call_output" && !openIds.delete(id)) {
		refuse(`${field}.call_id`, "answers no call before it");
	}
}

function addItem(messages: Message[], item: JsonObject, field: string): void {
	switch (item["type"]) {
		case undefined:
		case "message":
			messages.push(toMessage(item, field));
			return;
		case "function_call":
			addCall(messages, item, field);
			return;
		case "function_call_output":
			addResult(messages, requireText(item["call_id"], `${field}.call_id`), {
				content: toOutput(item["output"], `${field}.output`),
			});
			return;
		default:
			refuse(`${field}.type`, "is not among what can be passed on");
	}
}

function toMessage(item: JsonObject, field: string): Message {
	const role = item["role"];
	if (role !== "user" && role !== "assistant" && role !== "system" && role !== "developer") {
		refuse(`${field}.role`, "must be user, assistant, system or developer");
	}
	const parts = toParts(item["content"], `${field}.content`);
	if (role !== "assistant") return { role: role === "developer" ? "system" : role, content: parts };
	// Chat vendors take an assistant's words as one text.
	return typeof parts === "string" ? { role, content: parts } : { role, content: joinTexts(parts) };
}

function joinTexts(parts: readonly JsonObject[]): string {
	return parts.map((part) => looseText(part["text"])).join("");
}

function addCall(messages: Message[], item: JsonObject, field: string): void {
	const call = {
		id: requireText(item["call_id"], `${field}.call_id`),
		type: "function",
		function: {
			name: requireText(item["name"], `${field}.name`),
			arguments: requireText(item["arguments"], `${field}.arguments`),
		},
	};
	const last = messages.at(-1);
	if (last?.["role"] !== "assistant") messages.push({ role: "assistant", content: null, tool_calls: [call] });
	else last["tool_calls"] = [...looseArray(last["tool_calls"]), call];
}

/** Vendors want all answers to parallel calls right behind them; here words may lie between. */
function addResult(messages: Message[], id: string, result: { readonly content: unknown }): void {
	const isCaller = (message: Message): boolean =>
		looseArray(message["tool_calls"]).some((call) => isObject(call) && call["id"] === id);
	let at = messages.findLastIndex(isCaller) + 1;
	while (messages[at]?.["role"] === "tool") at += 1;
	messages.splice(at, 0, { role: "tool", tool_call_id: id, ...result });
}

function toOutput(output: unknown, field: string): string | readonly JsonObject[] {
	return typeof output === "string" ? output : toParts(output, field);
}

function toParts(content: unknown, field: string): string | readonly JsonObject[] {
	if (typeof content === "string") return content;
	return requireArray(content, field).map((raw, index) => {
		const part = requireObject(raw, `${field}.${index}`);
		return toPart(part, `${field}.${index}`);
	});
}

function toPart(part: JsonObject, field: string): JsonObject {
	switch (part["type"]) {
		case "input_text":
		case "output_text":
		case "text":
			return { type: "text", text: requireText(part["text"], `${field}.text`) };
		case "refusal":
			return { type: "text", text: requireText(part["refusal"], `${field}.refusal`) };
		case "input_image":
			if (isAbsent(part["image_url"]))
				return refuse(`${field}.image_url`, "an image must be sent along or named by its URL");
			return {
				type: "image_url",
				image_url: {
					url: requireText(part["image_url"], `${field}.image_url`),
					...(DETAILS.has(part["detail"]) && { detail: part["detail"] }),
				},
			};
		case "input_file": {
			if (isAbsent(part["file_data"])) return refuse(`${field}.file_data`, "a file must be sent along");
			const filename = optionalText(part["filename"], `${field}.filename`) ?? "document.pdf";
			return {
				type: "file",
				file: { filename, file_data: requireText(part["file_data"], `${field}.file_data`) },
			};
		}
		default:
			return refuse(`${field}.type`, "is not among what can be passed on");
	}
}

/** Only what we gave out ourselves: what OpenAI encrypted is for its own eyes, and its summaries are not the thoughts. */
function readReasoning(item: JsonObject): string {
	if (!isAbsent(item["encrypted_content"])) return "";
	return [...looseArray(item["content"]), ...looseArray(item["summary"])]
		.map((part) => (isObject(part) ? looseText(part["text"]) : ""))
		.join("\n");
}
