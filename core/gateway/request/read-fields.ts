import { z } from "zod";
import type { Surface } from "../../dialects/types.ts";
import { AppError } from "../../errors.ts";
import type { ScannedBody } from "./scan-body.ts";

/** What we must know of a request, whatever else is in it. */
export type CallFields = {
	/** As the caller wrote it. */
	readonly model: string;
	readonly isStream: boolean;
	/** Undefined: the caller named none. */
	readonly outputTokensMax: number | undefined;
	/** The caller wants the usage in the stream. */
	readonly wantsUsage: boolean;
};

type Kind = Surface | "embeddings";

/** Source: security, S22. */
const ELEMENTS_MAX: readonly (readonly [field: string, most: number])[] = [
	["messages", 1_000],
	["tools", 128],
	["input", 2_048],
];
/** A field of ours is short; a longer one is a wrong one. */
const FIELD_BYTES_MAX = 512;
const MODEL_LENGTH_MAX = 200;
/** Beyond this a figure is a mistake that is clipped, not refused. */
const OUTPUT_TOKENS_CLIP = 1_000_000;

const LENGTH_FIELDS: Readonly<Record<Kind, readonly string[]>> = {
	openai: ["max_completion_tokens", "max_tokens"],
	anthropic: ["max_tokens"],
	responses: ["max_output_tokens"],
	embeddings: [],
};

/** Fields that say which of the two dialects a body is: both in one is a mistake we must not guess at. */
const FOREIGN: Readonly<Record<Kind, readonly string[]>> = {
	openai: ["system", "stop_sequences", "anthropic_version"],
	anthropic: ["max_completion_tokens", "response_format", "stream_options", "functions", "logit_bias"],
	responses: ["messages", "system", "stop_sequences", "stream_options"],
	embeddings: ["messages"],
};

const VENDOR_TOOL =
	/"type"\s*:\s*"(?:web_search|web_fetch|code_execution|code_interpreter|file_search|image_generation|mcp|browser)/;
const modelSchema = z.string().min(1).max(MODEL_LENGTH_MAX);
const streamSchema = z.boolean().nullable();
const lengthSchema = z.number().min(1).nullable();
const onlyOneSchema = z.literal(1).nullable();
const streamOptionsSchema = z.looseObject({ include_usage: z.boolean().nullish() }).nullable();

/**
 * The few fields of a body that are ours to know, checked.
 *
 * @throws AppError REQUEST_INVALID naming the field
 */
export function readFields(kind: Kind, bytes: Buffer, scanned: ScannedBody): CallFields {
	for (const field of FOREIGN[kind]) {
		if (isGiven(bytes, scanned, field)) throw toRefusal(field, "belongs to another dialect");
	}
	for (const [field, most] of ELEMENTS_MAX) {
		if ((scanned.lengths.get(field) ?? 0) > most) throw toRefusal(field, `has more than ${most} elements`);
	}
	requireWords(kind, scanned);
	requireOwnTools(bytes, scanned);
	read(bytes, scanned, "n", onlyOneSchema);
	read(bytes, scanned, "best_of", onlyOneSchema);
	const model = read(bytes, scanned, "model", modelSchema);
	if (model === undefined) throw toRefusal("model", "is missing");
	const isStream = kind !== "embeddings" && (read(bytes, scanned, "stream", streamSchema) ?? false);
	const lengths = LENGTH_FIELDS[kind].map((field) => read(bytes, scanned, field, lengthSchema));
	const asked = lengths.find((length) => length !== undefined && length !== null);
	if (kind === "anthropic" && typeof asked !== "number") throw toRefusal("max_tokens", "is missing");
	const options = kind === "openai" ? read(bytes, scanned, "stream_options", streamOptionsSchema) : undefined;
	return {
		model,
		isStream,
		outputTokensMax: typeof asked === "number" ? Math.min(Math.floor(asked), OUTPUT_TOKENS_CLIP) : undefined,
		wantsUsage: kind !== "openai" || options?.include_usage === true,
	};
}

/** What is asked is there, and of a kind that can be asked. */
function requireWords(kind: Kind, { members, lengths }: ScannedBody): void {
	if (kind === "openai" || kind === "anthropic") {
		if (lengths.get("messages") === undefined) throw toRefusal("messages", "must be a list");
		if (lengths.get("messages") === 0) throw toRefusal("messages", "is empty");
		return;
	}
	if (!members.has("input")) throw toRefusal("input", "is missing");
}

/** Tools a vendor runs itself cost beside tokens, and reach where we do not look. */
function requireOwnTools(bytes: Buffer, { members }: ScannedBody): void {
	const tools = members.get("tools");
	if (tools === undefined) return;
	if (VENDOR_TOOL.test(bytes.toString("latin1", tools.start, tools.end))) {
		throw toRefusal("tools", "names a tool the vendor runs itself");
	}
}

function isGiven(bytes: Buffer, { members }: ScannedBody, field: string): boolean {
	const member = members.get(field);
	return member !== undefined && bytes.toString("latin1", member.start, member.end) !== "null";
}

/** @throws AppError REQUEST_INVALID where it is there and wrong */
function read<Value>(
	bytes: Buffer,
	{ members }: ScannedBody,
	field: string,
	schema: z.ZodType<Value>,
): Value | undefined {
	const member = members.get(field);
	if (member === undefined) return undefined;
	if (member.end - member.start > FIELD_BYTES_MAX) throw toRefusal(field, "is too long");
	let value: unknown;
	try {
		value = JSON.parse(bytes.toString("utf8", member.start, member.end));
	} catch {
		throw toRefusal(field, "is no JSON");
	}
	const parsed = schema.safeParse(value);
	if (!parsed.success) throw toRefusal(field, "has a wrong value");
	return parsed.data;
}

function toRefusal(field: string, why: string): AppError {
	return new AppError("REQUEST_INVALID", `${field} ${why}`, { details: { reason: "field-invalid", field } });
}
