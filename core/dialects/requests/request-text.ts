import { isObject, looseArray, looseText } from "../fields.ts";
import type { JsonObject, Surface } from "../types.ts";

/** What of a request counts as input: its texts, to be counted one by one, and its images and documents, by number. */
export type RequestText = {
	readonly texts: readonly string[];
	readonly imageCount: number;
	readonly documentCount: number;
};

type Found = { readonly texts: string[]; imageCount: number; documentCount: number };

/** Deeper than any request; what lies below is not looked at. */
const DEPTH_MAX = 12;
const IMAGES: ReadonlySet<unknown> = new Set(["image", "image_url", "input_image"]);
const DOCUMENTS: ReadonlySet<unknown> = new Set(["file", "input_file"]);
/** Fields of messages and parts that hold text, or parts that hold text. */
const TEXT_FIELDS = [
	"content",
	"text",
	"refusal",
	"reasoning_content",
	"thinking",
	"output",
	"arguments",
	"summary",
];

/** All text of a request as its surface has it. Never throws: what is no text counts as none. */
export function findRequestText(surface: Surface, body: JsonObject): RequestText {
	const found: Found = { texts: [], imageCount: 0, documentCount: 0 };
	if (surface === "anthropic") addContent(found, body["system"], 0);
	if (surface === "responses") addContent(found, body["instructions"], 0);
	addContent(found, surface === "responses" ? body["input"] : body["messages"], 0);
	for (const tool of looseArray(body["tools"])) addTool(found, tool);
	return found;
}

function addContent(found: Found, value: unknown, depth: number): void {
	if (typeof value === "string") {
		if (value !== "") found.texts.push(value);
	} else if (depth > DEPTH_MAX) return;
	else if (Array.isArray(value)) for (const entry of value) addContent(found, entry, depth + 1);
	else if (isObject(value)) addPart(found, value, depth + 1);
}

function addPart(found: Found, part: JsonObject, depth: number): void {
	if (IMAGES.has(part["type"])) found.imageCount += 1;
	else if (DOCUMENTS.has(part["type"])) found.documentCount += 1;
	else if (part["type"] === "document") addDocument(found, part, depth);
	else {
		for (const field of TEXT_FIELDS) addContent(found, part[field], depth);
		for (const call of looseArray(part["tool_calls"])) addCall(found, call);
		if (part["type"] === "tool_use")
			found.texts.push(looseText(part["name"]), JSON.stringify(part["input"] ?? {}));
		if (part["type"] === "function_call") found.texts.push(looseText(part["name"]));
	}
}

function addDocument(found: Found, part: JsonObject, depth: number): void {
	const source = part["source"];
	if (!isObject(source)) return;
	if (source["type"] === "text") addContent(found, source["data"], depth);
	else if (source["type"] === "content") addContent(found, source["content"], depth);
	else found.documentCount += 1;
}

function addCall(found: Found, call: unknown): void {
	if (!isObject(call) || !isObject(call["function"])) return;
	addContent(found, call["function"]["name"], 0);
	addContent(found, call["function"]["arguments"], 0);
}

/** A vendor shows the model a tool much as it was written. */
function addTool(found: Found, tool: unknown): void {
	if (isObject(tool)) found.texts.push(JSON.stringify(isObject(tool["function"]) ? tool["function"] : tool));
}
