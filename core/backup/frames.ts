import { z } from "zod";
import { BackupError } from "./backup-error.ts";

/** What a backup is made of, in this order: one opening, per table its description, rows and count, one closing. */
export type Frame =
	| { readonly kind: "opening"; readonly opening: Opening }
	| { readonly kind: "table"; readonly table: TableShape }
	/** A piece of PostgreSQL's COPY text, cut anywhere. */
	| { readonly kind: "rows"; readonly bytes: Buffer }
	| { readonly kind: "table-end"; readonly rows: number }
	| { readonly kind: "closing"; readonly closing: Closing };

export type Opening = z.infer<typeof openingSchema>;
export type TableShape = z.infer<typeof tableSchema>;
export type Closing = z.infer<typeof closingSchema>;

const openingSchema = z.strictObject({
	/** Names of the migrations the database had. */
	migrations: z.array(z.string()).readonly(),
	/** Such as 150020. */
	serverVersion: z.int(),
	takenAt: z.string(),
});
const tableSchema = z.strictObject({ name: z.string(), columns: z.array(z.string()).readonly() });
const closingSchema = z.strictObject({
	tables: z.int(),
	rows: z.int(),
	/** Where sequences stood, as text since they are 64 bits wide. */
	sequences: z
		.array(z.strictObject({ table: z.string(), column: z.string(), lastValue: z.string().regex(/^\d+$/) }))
		.readonly(),
});

const HEAD_BYTES = 5;
const FRAME_BYTES_MAX = 16 * 1024 * 1024;
const ROWS = 3;

/** One byte for the kind, four for the length, the content. */
export function toBytes(frame: Frame): Buffer {
	switch (frame.kind) {
		case "opening":
			return pack(1, toJson(frame.opening));
		case "table":
			return pack(2, toJson(frame.table));
		case "rows":
			return pack(ROWS, frame.bytes);
		case "table-end":
			return pack(4, toJson({ rows: frame.rows }));
		case "closing":
			return pack(5, toJson(frame.closing));
	}
}

/** @throws BackupError when the bytes are no frames, or end within one */
export async function* toFrames(source: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
	let rest: Buffer = Buffer.alloc(0);
	for await (const part of source) {
		rest = rest.length === 0 ? part : Buffer.concat([rest, part]);
		while (rest.length >= HEAD_BYTES) {
			const length = rest.readUInt32BE(1);
			if (length > FRAME_BYTES_MAX) throw new BackupError("the backup holds a piece of impossible length");
			if (rest.length < HEAD_BYTES + length) break;
			yield toFrame(rest.readUInt8(), rest.subarray(HEAD_BYTES, HEAD_BYTES + length));
			rest = rest.subarray(HEAD_BYTES + length);
		}
	}
	if (rest.length > 0) throw new BackupError("the backup is cut off within a piece");
}

function toFrame(kind: number, content: Buffer): Frame {
	if (kind === ROWS) return { kind: "rows", bytes: content };
	try {
		const json: unknown = JSON.parse(content.toString());
		if (kind === 1) return { kind: "opening", opening: openingSchema.parse(json) };
		if (kind === 2) return { kind: "table", table: tableSchema.parse(json) };
		if (kind === 4) return { kind: "table-end", ...z.strictObject({ rows: z.int() }).parse(json) };
		if (kind === 5) return { kind: "closing", closing: closingSchema.parse(json) };
	} catch (error) {
		throw new BackupError("the backup holds a description that cannot be read", { cause: error });
	}
	throw new BackupError("the backup holds a piece of a kind this program does not know");
}

function pack(kind: number, content: Buffer): Buffer {
	const head = Buffer.alloc(HEAD_BYTES);
	head.writeUInt8(kind);
	head.writeUInt32BE(content.length, 1);
	return Buffer.concat([head, content]);
}

function toJson(value: unknown): Buffer {
	return Buffer.from(JSON.stringify(value));
}
