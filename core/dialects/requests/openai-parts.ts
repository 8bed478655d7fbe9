import {
	isAbsent,
	isObject,
	optionalText,
	refuse,
	requireArray,
	requireObject,
	requireText,
} from "../fields.ts";
import type { JsonObject } from "../types.ts";

const IMAGE_TYPES: ReadonlySet<string> = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);
const DATA_URL = /^data:([a-z0-9.+/-]+)(?:;[a-z0-9=-]+)*;base64,/i;
/** Of a data URL before its bytes: a match never runs over megabytes. */
const DATA_URL_HEAD_MAX = 200;

/**
 * Content of a chat message as blocks of Anthropic's dialect. Empty texts are left out: that dialect refuses them.
 * @throws AppError REQUEST_INVALID naming the part that has no counterpart
 */
export function toBlocks(content: unknown, field: string): readonly JsonObject[] {
	if (isAbsent(content)) return [];
	if (typeof content === "string") return toTextBlocks(content);
	return requireArray(content, field).flatMap((raw, index) => {
		const part = requireObject(raw, `${field}.${index}`);
		return toBlock(part, `${field}.${index}`).map((block) => ({ ...block, ...readCache(part) }));
	});
}

export function toTextBlocks(text: string): readonly JsonObject[] {
	return text.trim() === "" ? [] : [{ type: "text", text }];
}

function toBlock(part: JsonObject, field: string): readonly JsonObject[] {
	switch (part["type"]) {
		case "text":
			return toTextBlocks(requireText(part["text"], `${field}.text`));
		case "refusal":
			return toTextBlocks(requireText(part["refusal"], `${field}.refusal`));
		case "image_url": {
			const image = requireObject(part["image_url"], `${field}.image_url`);
			return [toImage(requireText(image["url"], `${field}.image_url.url`), `${field}.image_url.url`)];
		}
		case "file":
			return [toDocument(requireObject(part["file"], `${field}.file`), `${field}.file`)];
		default:
			return refuse(`${field}.type`, "has no counterpart at this provider");
	}
}

function readCache(part: JsonObject): JsonObject {
	if (isObject(part["cache_control"])) return { cache_control: part["cache_control"] };
	return isObject(part["prompt_cache_breakpoint"]) ? { cache_control: { type: "ephemeral" } } : {};
}

function toImage(url: string, field: string): JsonObject {
	if (/^https?:\/\//i.test(url)) return { type: "image", source: { type: "url", url } };
	const { mediaType, data } = readDataUrl(url, field);
	if (!IMAGE_TYPES.has(mediaType)) refuse(field, "must be JPEG, PNG, GIF or WebP");
	return { type: "image", source: { type: "base64", media_type: mediaType, data } };
}

function toDocument(file: JsonObject, field: string): JsonObject {
	if (isAbsent(file["file_data"])) refuse(`${field}.file_data`, "a file must be sent along, not by its id");
	const { mediaType, data } = readDataUrl(
		requireText(file["file_data"], `${field}.file_data`),
		`${field}.file_data`,
	);
	const name = optionalText(file["filename"], `${field}.filename`);
	const title = name === undefined ? {} : { title: name };
	if (mediaType === "application/pdf") {
		return { type: "document", source: { type: "base64", media_type: mediaType, data }, ...title };
	}
	if (!mediaType.startsWith("text/")) refuse(`${field}.file_data`, "must be a PDF or a text");
	const text = Buffer.from(data, "base64").toString("utf8");
	return { type: "document", source: { type: "text", media_type: "text/plain", data: text }, ...title };
}

function readDataUrl(url: string, field: string): { mediaType: string; data: string } {
	const match = DATA_URL.exec(url.slice(0, DATA_URL_HEAD_MAX));
	const type = match?.[1];
	if (match === null || type === undefined)
		return refuse(field, "must be an http(s) URL or a base64 data URL");
	return { mediaType: type.toLowerCase(), data: url.slice(match[0].length) };
}
