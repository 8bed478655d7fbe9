import {
	isAbsent,
	isObject,
	parseToolArguments,
	refuse,
	requireArray,
	requireObject,
	requireText,
} from "../fields.ts";
import type { JsonObject } from "../types.ts";
import { toBlocks } from "./openai-parts.ts";

type Role = "user" | "assistant";
type Turn = { readonly role: Role; readonly content: JsonObject[] };

/** Calls the last assistant turn made and nobody answered yet: the caller's id -> the id this dialect takes. */
type Pending = { readonly field: string; readonly ids: Map<string, string> };

export type Conversation = {
	readonly system: readonly JsonObject[];
	readonly messages: readonly JsonObject[];
};

/** This dialect's first turn is the user's; a conversation that begins otherwise gets this one before it. */
const OPENING = "Continue.";

/**
 * Chat messages as Anthropic's turns: system and developer messages from anywhere move to the top, neighbours of one role
 * become one turn, answers to tools come first in the user's turn, empty content falls away.
 * @throws AppError REQUEST_INVALID for a tool result without its call and a call without its result
 */
export function toConversation(raw: unknown): Conversation {
	const system: JsonObject[] = [];
	const turns: Turn[] = [];
	const takenIds = new Set<string>();
	let pending: Pending = { field: "", ids: new Map() };
	for (const [index, entry] of requireArray(raw, "messages").entries()) {
		const field = `messages.${index}`;
		const message = requireObject(entry, field);
		switch (message["role"]) {
			case "system":
			case "developer":
				system.push(...toSystem(message["content"], `${field}.content`));
				break;
			case "user":
				refuseUnanswered(pending);
				append(turns, "user", toBlocks(message["content"], `${field}.content`));
				break;
			case "assistant":
				refuseUnanswered(pending);
				pending = { field: `${field}.tool_calls`, ids: new Map() };
				append(turns, "assistant", toAssistant(message, field, pending.ids, takenIds));
				break;
			case "tool":
				append(turns, "user", [toResult(message, field, pending.ids)]);
				break;
			default:
				refuse(`${field}.role`, "must be system, developer, user, assistant or tool");
		}
	}
	refuseUnanswered(pending);
	return { system, messages: tidy(turns) };
}

function toSystem(content: unknown, field: string): readonly JsonObject[] {
	const blocks = toBlocks(content, field);
	const other = blocks.findIndex((block) => block["type"] !== "text");
	return other === -1 ? blocks : refuse(`${field}.${other}.type`, "a system message is text only");
}

function append(turns: Turn[], role: Role, blocks: readonly JsonObject[]): void {
	if (blocks.length === 0) return;
	const last = turns.at(-1);
	if (last?.role === role) last.content.push(...blocks);
	else turns.push({ role, content: [...blocks] });
}

function toAssistant(
	message: JsonObject,
	field: string,
	ids: Map<string, string>,
	takenIds: Set<string>,
): readonly JsonObject[] {
	if (!isAbsent(message["function_call"])) refuse(`${field}.function_call`, "use tool_calls");
	const said = [...toBlocks(message["content"], `${field}.content`)];
	if (said.length === 0 && typeof message["refusal"] === "string") {
		said.push(...toBlocks(message["refusal"], `${field}.refusal`));
	}
	const other = said.findIndex((block) => block["type"] !== "text");
	if (other !== -1) refuse(`${field}.content.${other}.type`, "an assistant message is text only");
	const calls = isAbsent(message["tool_calls"])
		? []
		: requireArray(message["tool_calls"], `${field}.tool_calls`);
	const uses = calls.map((call, index) => toUse(call, `${field}.tool_calls.${index}`, ids, takenIds));
	return [...said, ...uses];
}

function toUse(raw: unknown, field: string, ids: Map<string, string>, takenIds: Set<string>): JsonObject {
	const call = requireObject(raw, field);
	if (!isObject(call["function"])) refuse(`${field}.function`, "only functions can be passed on");
	const called = call["function"];
	const input = parseToolArguments(requireText(called["arguments"] ?? "", `${field}.function.arguments`));
	if (input === undefined) refuse(`${field}.function.arguments`, "must be a JSON object");
	const id = requireText(call["id"], `${field}.id`);
	if (ids.has(id)) refuse(`${field}.id`, "is used twice");
	const own = toOwnId(id, takenIds);
	ids.set(id, own);
	return { type: "tool_use", id: own, name: requireText(called["name"], `${field}.function.name`), input };
}

/** Letters, digits, _ and - only, and never twice in a conversation; some vendors count "call_0" anew in each answer. */
function toOwnId(id: string, takenIds: Set<string>): string {
	const clean = id.replaceAll(/[^a-zA-Z0-9_-]/g, "_") || "call";
	let own = clean;
	for (let count = 2; takenIds.has(own); count += 1) own = `${clean}_${count}`;
	takenIds.add(own);
	return own;
}

function toResult(message: JsonObject, field: string, ids: Map<string, string>): JsonObject {
	const id = requireText(message["tool_call_id"], `${field}.tool_call_id`);
	const own = ids.get(id);
	if (own === undefined) return refuse(`${field}.tool_call_id`, "answers no call of the message before it");
	ids.delete(id);
	const content = toBlocks(message["content"], `${field}.content`);
	return { type: "tool_result", tool_use_id: own, ...(content.length === 0 ? {} : { content }) };
}

function refuseUnanswered(pending: Pending): void {
	const [id] = pending.ids.keys();
	if (id !== undefined) refuse(pending.field, `no tool message answers the call ${id.slice(0, 100)}`);
}

function tidy(turns: readonly Turn[]): readonly JsonObject[] {
	if (turns.length === 0) refuse("messages", "must say something");
	const last = turns.at(-1);
	const end = last?.content.at(-1);
	if (last?.role === "assistant" && end?.["type"] === "text") {
		// An answer to be continued must not end in white space here.
		last.content.splice(-1, 1, { ...end, text: String(end["text"]).trimEnd() });
	}
	if (turns[0]?.role === "user") return turns;
	return [{ role: "user", content: [{ type: "text", text: OPENING }] }, ...turns];
}
