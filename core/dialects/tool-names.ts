import { isObject, looseArray, looseText } from "./fields.ts";
import type { JsonObject } from "./types.ts";

/** OpenAI and who copies it refuse a longer name; Anthropic takes 128, and names of MCP tools are made of several. */
const LENGTH_MAX = 64;
const HASH_LENGTH = 8;

/** The name as a vendor of OpenAI's dialect takes it; the same for the same name, so that history and tools agree. */
export function toShortName(name: string): string {
	if (name.length <= LENGTH_MAX) return name;
	return `${name.slice(0, LENGTH_MAX - HASH_LENGTH - 1)}_${toHash(name)}`;
}

/** The caller's own name for what a vendor calls so. `request`: as the caller sent it. */
export function createNameFinder(request: JsonObject): (name: string) => string {
	const names = new Map<string, string>();
	for (const tool of looseArray(request["tools"])) {
		const name = isObject(tool) ? looseText(tool["name"]) : "";
		if (name.length > LENGTH_MAX) names.set(toShortName(name), name);
	}
	return (name) => names.get(name) ?? name;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a of 32 bits: tells apart the few tools of one request whose names begin alike. */
function toHash(name: string): string {
	let hash = FNV_OFFSET;
	for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), FNV_PRIME);
	return (hash >>> 0).toString(16).padStart(HASH_LENGTH, "0");
}
