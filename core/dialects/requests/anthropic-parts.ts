import { isAbsent, optionalText, refuse, requireArray, requireObject, requireText } from "../fields.ts";
import type { JsonObject } from "../types.ts";

/** A document in a document is already one more than the vendor takes. */
const DEPTH_MAX = 4;

/**
 * Blocks of Anthropic's dialect as parts of a chat message; cache markers fall away, that dialect's vendors cache by
 * themselves.
 * @throws AppError REQUEST_INVALID naming the block that has no counterpart
 */
export function toParts(content: unknown, field: string, depth = 0): readonly JsonObject[] {
	if (isAbsent(content)) return [];
	if (depth > DEPTH_MAX) return refuse(field, "is nested too deeply");
	if (typeof content === "string") return toTextParts(content);
	return requireArray(content, field).flatMap((raw, index) =>
		toPart(requireObject(raw, `${field}.${index}`), `${field}.${index}`, depth),
	);
}

export function toTextParts(text: string): readonly JsonObject[] {
	return text === "" ? [] : [{ type: "text", text }];
}

/** One block; a document of text becomes text. */
export function toPart(block: JsonObject, field: string, depth = 0): readonly JsonObject[] {
	switch (block["type"]) {
		case "text":
			return toTextParts(requireText(block["text"], `${field}.text`));
		case "image":
			return [toImage(requireObject(block["source"], `${field}.source`), `${field}.source`)];
		case "document":
			return toDocument(block, field, depth);
		case "search_result":
			return toSearchResult(block, field, depth);
		default:
			return refuse(`${field}.type`, "has no counterpart at this provider");
	}
}

function toImage(source: JsonObject, field: string): JsonObject {
	if (source["type"] === "url") {
		return { type: "image_url", image_url: { url: requireText(source["url"], `${field}.url`) } };
	}
	if (source["type"] !== "base64") refuse(`${field}.type`, "an image must be sent along or named by its URL");
	const mediaType = requireText(source["media_type"], `${field}.media_type`);
	const data = requireText(source["data"], `${field}.data`);
	return { type: "image_url", image_url: { url: `data:${mediaType};base64,${data}` } };
}

function toDocument(block: JsonObject, field: string, depth: number): readonly JsonObject[] {
	const source = requireObject(block["source"], `${field}.source`);
	const title = optionalText(block["title"], `${field}.title`);
	const heading = [title, optionalText(block["context"], `${field}.context`)]
		.filter((text) => text !== undefined && text !== "")
		.join("\n");
	const intro = heading === "" ? [] : toTextParts(`${heading}\n`);
	switch (source["type"]) {
		case "base64": {
			const data = requireText(source["data"], `${field}.source.data`);
			const mediaType = requireText(source["media_type"], `${field}.source.media_type`);
			const file = { filename: title ?? "document.pdf", file_data: `data:${mediaType};base64,${data}` };
			return [{ type: "file", file }];
		}
		case "text":
			return [...intro, ...toTextParts(requireText(source["data"], `${field}.source.data`))];
		case "content":
			return [...intro, ...toParts(source["content"], `${field}.source.content`, depth + 1)];
		default:
			return refuse(`${field}.source.type`, "a document must be sent along");
	}
}

function toSearchResult(block: JsonObject, field: string, depth: number): readonly JsonObject[] {
	const title = requireText(block["title"], `${field}.title`);
	const source = requireText(block["source"], `${field}.source`);
	return [
		...toTextParts(`${title} (${source})\n`),
		...toParts(block["content"], `${field}.content`, depth + 1),
	];
}

/** A message of text alone is a plain text, as the vendors of this dialect like it best. */
export function toContent(parts: readonly JsonObject[]): string | readonly JsonObject[] {
	const texts = parts.map((part) => (part["type"] === "text" ? part["text"] : undefined));
	return texts.every((text) => typeof text === "string") ? texts.join("\n") : parts;
}
