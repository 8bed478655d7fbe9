import { AppError } from "../errors.ts";
import type { JsonObject } from "./types.ts";

/** @throws AppError REQUEST_INVALID that names the field, such as `messages.3.content`. */
export function refuse(field: string, why: string): never {
	throw new AppError("REQUEST_INVALID", `${field}: ${why}`, { details: { reason: "field-invalid", field } });
}

/** Neither a list nor null. */
export function isObject(value: unknown): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object, or an empty one for whatever else it is. */
export function looseObject(value: unknown): JsonObject {
	return isObject(value) ? value : {};
}

/** The list, or an empty one for whatever else it is. */
export function looseArray(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}

/** The text, or an empty one for whatever else it is. */
export function looseText(value: unknown): string {
	return typeof value === "string" ? value : "";
}

/** Null counts as absent, as every vendor has it. */
export function isAbsent(value: unknown): value is null | undefined {
	return value === undefined || value === null;
}

export function requireObject(value: unknown, field: string): JsonObject {
	return isObject(value) ? value : refuse(field, "must be an object");
}

export function requireArray(value: unknown, field: string): readonly unknown[] {
	return Array.isArray(value) ? value : refuse(field, "must be a list");
}

export function requireText(value: unknown, field: string): string {
	return typeof value === "string" ? value : refuse(field, "must be a text");
}

export function optionalNumber(value: unknown, field: string): number | undefined {
	if (isAbsent(value)) return undefined;
	return typeof value === "number" && Number.isFinite(value) ? value : refuse(field, "must be a number");
}

/** Whole and at least 1: a limit on tokens. */
export function optionalCount(value: unknown, field: string): number | undefined {
	const number = optionalNumber(value, field);
	if (number === undefined || (Number.isSafeInteger(number) && number >= 1)) return number;
	return refuse(field, "must be a whole number of at least 1");
}

export function optionalText(value: unknown, field: string): string | undefined {
	return isAbsent(value) ? undefined : requireText(value, field);
}

/** The object without what is undefined: a field that is not there is not the same as null to every vendor. */
export function compact(object: JsonObject): JsonObject {
	return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** Deeper arguments than any tool takes; some way down they could not be written out again. */
const DEPTH_MAX = 64;

/** What a tool is called with: an object. Models write an empty text for "no arguments". */
export function parseToolArguments(json: string): JsonObject | undefined {
	if (json.trim() === "") return {};
	try {
		const value: unknown = JSON.parse(json);
		return isObject(value) && isShallow(value, DEPTH_MAX) ? value : undefined;
	} catch {
		return undefined;
	}
}

function isShallow(value: unknown, depth: number): boolean {
	if (typeof value !== "object" || value === null) return true;
	return depth > 0 && Object.values(value).every((entry) => isShallow(entry, depth - 1));
}
