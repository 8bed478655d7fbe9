import type { Surface } from "../../dialects/types.ts";
import type { ScannedBody } from "./scan-body.ts";
import { toRefusal } from "./to-refusal.ts";

/** Tools of vendors, wherever their names stand. */
const VENDOR_TOOL =
	/"type"\s*:\s*"(?:web_search|web_fetch|code_execution|code_interpreter|file_search|image_generation|mcp|browser|builtin_function|retrieval|google_search)/;
/** Types of JSON Schema and of what tools hold beside it, and the two kinds of tools that are only told. */
const PLAIN = "object|string|number|integer|boolean|array|null|function|custom|ephemeral|text|grammar";
/** A type that is none of these, the name of a tool without a type, or a letter written as a number. */
const DOUBTFUL = new RegExp(String.raw`"type"\s*:\s*"(?!(?:${PLAIN})")|"google_?search|\\u00`, "i");
/** Tools Anthropic's models know by heart and the caller runs; the last finds other tools of the caller's. */
const KNOWN_BY_HEART = /^(?:bash|text_editor|computer|memory)_\d{8}$|^tool_search_tool_[a-z0-9_]+$/;
/** No honest list of tools that must be read is longer. */
const READ_BYTES_MAX = 2 * 1024 * 1024;

/**
 * Tools a vendor runs itself cost beside tokens, and reach where we do not look. Most lists are seen to hold none without being
 * read.
 *
 * @throws AppError REQUEST_INVALID naming "tools"
 */
export function requireOwnTools(kind: Surface | "embeddings", bytes: Buffer, { members }: ScannedBody): void {
	const member = members.get("tools");
	if (member === undefined) return;
	const text = bytes.toString("latin1", member.start, member.end);
	if (VENDOR_TOOL.test(text)) throw toForeign();
	if (!DOUBTFUL.test(text)) return;
	if (text.length > READ_BYTES_MAX) throw toRefusal("tools", "is too long");
	const tools = parse(text);
	const isOwn = kind === "anthropic" ? isToldToAnthropic : isToldToOpenAi;
	if (!Array.isArray(tools) || !tools.every(isOwn)) throw toForeign();
}

function isToldToOpenAi(tool: unknown): boolean {
	const type = toType(tool);
	return type === "function" || type === "custom";
}

function isToldToAnthropic(tool: unknown): boolean {
	const type = toType(tool);
	if (type === undefined || type === null) return typeof tool === "object" && tool !== null && "name" in tool;
	return type === "custom" || (typeof type === "string" && KNOWN_BY_HEART.test(type));
}

function toType(tool: unknown): unknown {
	return typeof tool === "object" && tool !== null && "type" in tool ? tool.type : undefined;
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		throw toRefusal("tools", "is no JSON");
	}
}

function toForeign(): Error {
	return toRefusal("tools", "names a tool the vendor runs itself");
}
