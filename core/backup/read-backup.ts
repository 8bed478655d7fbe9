import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { BackupError } from "./backup-error.ts";
import type { Closing, Frame, Opening, TableShape } from "./frames.ts";
import { toFrames } from "./frames.ts";
import type { FindKey, Header } from "./header.ts";
import { openHeader } from "./header.ts";
import { openStream } from "./sealed-stream.ts";

/** Takes a backup in, in its order. */
export type BackupReader = {
	open(opening: Opening): Promise<void>;
	/** Reads `rows` to their end; answers how many there were, or undefined when it does not count. */
	load(table: TableShape, rows: AsyncIterable<Buffer>): Promise<number | undefined>;
};

/**
 * Opens a backup and hands its parts over. All of it counts only when this resolves: before its end nobody knows whether it is
 * whole.
 *
 * @throws BackupError when the key is missing, something was changed, or something is missing
 */
export async function readBackup(
	source: AsyncIterable<Buffer>,
	findKey: FindKey,
	reader: BackupReader,
): Promise<{ readonly header: Header; readonly closing: Closing }> {
	const { header, key, rest } = await openHeader(source, findKey);
	const frames = createCursor(toFrames(unpack(openStream(key, rest))));
	try {
		await reader.open((await frames.require("opening")).opening);
		let tables = 0;
		let total = 0;
		for (let next = await frames.next(); ; next = await frames.next()) {
			if (next?.kind === "closing") {
				const { closing } = next;
				if (closing.tables !== tables || closing.rows !== total) {
					throw new BackupError("the backup does not hold as many tables and rows as it says");
				}
				// reads to the end of the file, which is where its last part proves that nothing is missing
				if ((await frames.next()) !== undefined)
					throw new BackupError("there is something after the closing");
				return { header, closing };
			}
			if (next?.kind !== "table") throw new BackupError("the backup is not in its order");
			total += await readTable(next.table, frames, reader);
			tables += 1;
		}
	} finally {
		await frames.close();
	}
}

/** Reads all of it and keeps nothing: whether it could be restored, as far as that shows without a database. */
export async function checkBackup(
	source: AsyncIterable<Buffer>,
	findKey: FindKey,
): Promise<{ readonly header: Header; readonly closing: Closing }> {
	return await readBackup(source, findKey, {
		open: async () => undefined,
		async load(_table, rows) {
			for await (const _piece of rows);
			return undefined;
		},
	});
}

type Cursor = {
	next(): Promise<Frame | undefined>;
	require<Kind extends Frame["kind"]>(kind: Kind): Promise<Extract<Frame, { kind: Kind }>>;
	close(): Promise<void>;
};

function createCursor(frames: AsyncGenerator<Frame>): Cursor {
	async function next(): Promise<Frame | undefined> {
		const { done, value } = await frames.next();
		return done === true ? undefined : value;
	}
	return {
		next,
		async require<Kind extends Frame["kind"]>(kind: Kind) {
			const frame = await next();
			if (frame?.kind !== kind) throw new BackupError("the backup is not in its order");
			return frame as Extract<Frame, { kind: Kind }>;
		},
		close: async () => void (await frames.return(undefined)),
	};
}

async function readTable(table: TableShape, frames: Cursor, reader: BackupReader): Promise<number> {
	let told: number | undefined;
	async function* rows(): AsyncGenerator<Buffer> {
		for (;;) {
			const frame = await frames.next();
			if (frame?.kind === "rows") yield frame.bytes;
			else if (frame?.kind === "table-end") {
				told = frame.rows;
				return;
			} else throw new BackupError("the backup is not in its order");
		}
	}
	const loaded = await reader.load(table, rows());
	if (told === undefined) throw new BackupError(`table ${table.name} was not read to its end`);
	if (loaded !== undefined && loaded !== told) {
		throw new BackupError(`table ${table.name} has ${loaded} rows in place of ${told}`);
	}
	return told;
}

async function* unpack(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	const gunzip = createGunzip();
	// A generator in a pipeline hands errors on both ways; only authentic bytes come this far.
	const feeding = pipeline(compressed, gunzip).catch((error: unknown) => {
		gunzip.destroy(error instanceof Error ? error : new Error(String(error)));
	});
	try {
		for await (const part of gunzip) yield part as Buffer;
	} catch (error) {
		if (error instanceof BackupError) throw error;
		throw new BackupError("the backup cannot be unpacked", { cause: error });
	} finally {
		gunzip.destroy();
		await feeding;
	}
}
