import { z } from "zod";
import type { Surface } from "../../dialects/types.ts";
import { requireOwnTools } from "./own-tools.ts";
import type { Member, ScannedBody } from "./scan-body.ts";
import { toRefusal } from "./to-refusal.ts";

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
const MESSAGES_MAX = 1_000;
const TOOLS_MAX = 128;
/** Texts of one request, and tokens of one text. Source: OpenAI API reference, "Create embeddings", read 2026-11-20. */
const EMBEDDED_TEXTS_MAX = 2_048;
const EMBEDDED_TOKENS_MAX = 8_192;
const FIRST_IS_NUMBER = /^\[\s*\d/;
const FIRST_LOOKED_AT_BYTES = 64;
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
	responses: ["messages", "system", "stop_sequences"],
	embeddings: ["messages"],
};

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
	const model = readQuestion(kind, bytes, scanned);
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

/**
 * What is asked and whom, without how it is to be answered; who only counts says no more.
 *
 * @returns the model, as the caller wrote it
 * @throws AppError REQUEST_INVALID naming the field
 */
export function readQuestion(kind: Kind, bytes: Buffer, scanned: ScannedBody): string {
	for (const field of FOREIGN[kind]) {
		if (isGiven(bytes, scanned, field)) throw toRefusal(field, "belongs to another dialect");
	}
	requireFew(kind, bytes, scanned);
	requireWords(kind, scanned);
	requireOwnTools(kind, bytes, scanned);
	read(bytes, scanned, "n", onlyOneSchema);
	read(bytes, scanned, "best_of", onlyOneSchema);
	const model = read(bytes, scanned, "model", modelSchema);
	if (model === undefined) throw toRefusal("model", "is missing");
	return model;
}

function requireFew(kind: Kind, bytes: Buffer, { members, lengths }: ScannedBody): void {
	const input = members.get("input");
	const most: readonly (readonly [field: string, most: number])[] = [
		["messages", MESSAGES_MAX],
		["tools", TOOLS_MAX],
		["input", kind === "embeddings" ? toEmbeddedMax(bytes, input) : MESSAGES_MAX],
	];
	for (const [field, count] of most) {
		if ((lengths.get(field) ?? 0) > count) throw toRefusal(field, `has more than ${count} elements`);
	}
}

/** A list of numbers is one text, whose tokens they are. */
function toEmbeddedMax(bytes: Buffer, input: Member | undefined): number {
	if (input === undefined) return EMBEDDED_TEXTS_MAX;
	const start = bytes.toString(
		"latin1",
		input.start,
		Math.min(input.end, input.start + FIRST_LOOKED_AT_BYTES),
	);
	return FIRST_IS_NUMBER.test(start) ? EMBEDDED_TOKENS_MAX : EMBEDDED_TEXTS_MAX;
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
