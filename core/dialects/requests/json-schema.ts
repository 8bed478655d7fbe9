import { isObject } from "../fields.ts";
import type { JsonObject } from "../types.ts";

/** Deeper than any schema people write, shallow enough for the stack. */
const DEPTH_MAX = 64;

/**
 * What Anthropic's structured outputs do not take; they are put into words, as its own SDK does.
 * Source: Claude docs, "Structured outputs", JSON Schema limitations; `transform-json-schema` of the SDK, read 2026-11-20.
 */
const UNSUPPORTED: ReadonlySet<string> = new Set([
	"minimum",
	"maximum",
	"exclusiveMinimum",
	"exclusiveMaximum",
	"multipleOf",
	"minLength",
	"maxLength",
	"pattern",
	"maxItems",
	"uniqueItems",
	"minProperties",
	"maxProperties",
	"patternProperties",
	"propertyNames",
	"contains",
	"default",
	"examples",
]);
const SUPPORTED_FORMATS: ReadonlySet<unknown> = new Set(
	"date-time time date duration email hostname uri ipv4 ipv6 uuid".split(" "),
);
const MAPS: ReadonlySet<string> = new Set(["properties", "$defs", "definitions"]);
const LISTS: ReadonlySet<string> = new Set(["anyOf", "oneOf", "allOf"]);

/** A JSON Schema of OpenAI's kind as Anthropic's `output_config.format` takes it. */
export function toAnthropicSchema(schema: JsonObject, depth = 0): JsonObject {
	if (depth > DEPTH_MAX) return {};
	const result: Record<string, unknown> = {};
	const words: string[] = [];
	for (const [key, value] of Object.entries(schema)) {
		if (key === "$schema") continue;
		if (isUnsupported(key, value)) words.push(`${key}: ${JSON.stringify(value)}`);
		else define(result, key === "oneOf" ? "anyOf" : key, convert(key, value, depth + 1));
	}
	if (result["type"] === "object" || isObject(result["properties"])) result["additionalProperties"] = false;
	if (words.length > 0) {
		const description = typeof result["description"] === "string" ? `${result["description"]}\n\n` : "";
		result["description"] = `${description}{${words.join(", ")}}`;
	}
	return result;
}

function isUnsupported(key: string, value: unknown): boolean {
	if (key === "format") return !SUPPORTED_FORMATS.has(value);
	if (key === "minItems") return value !== 0 && value !== 1;
	return UNSUPPORTED.has(key);
}

function convert(key: string, value: unknown, depth: number): unknown {
	if (LISTS.has(key) && Array.isArray(value)) {
		return value.map((entry) => (isObject(entry) ? toAnthropicSchema(entry, depth) : entry));
	}
	if (key === "items" && isObject(value)) return toAnthropicSchema(value, depth);
	if (!MAPS.has(key) || !isObject(value)) return value;
	const map: Record<string, unknown> = {};
	for (const [name, entry] of Object.entries(value)) {
		define(map, name, isObject(entry) ? toAnthropicSchema(entry, depth) : entry);
	}
	return map;
}

/** An own property whatever its name: `__proto__` in a caller's schema is a property like any other. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
	Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

/** OpenAI's strict mode wants every property required and no others: a looser schema is sent without it. */
export function isStrict(schema: unknown, depth = 0): boolean {
	if (depth > DEPTH_MAX) return false;
	if (Array.isArray(schema)) return schema.every((entry) => isStrict(entry, depth + 1));
	if (!isObject(schema)) return true;
	const properties = isObject(schema["properties"]) ? Object.keys(schema["properties"]) : [];
	const required = Array.isArray(schema["required"]) ? schema["required"] : [];
	if (schema["type"] === "object" && schema["additionalProperties"] !== false) return false;
	if (!properties.every((name) => required.includes(name))) return false;
	return Object.values(schema).every((entry) => isStrict(entry, depth + 1));
}
