/** Takes the event out of an OpenAI stream that only says the usage; for callers who did not ask for it. */
export type UsageFilter = {
	/** What may go on; an event that is not complete yet is held back. */
	push(chunk: Buffer): Buffer;
	/** What was held back. */
	end(): Buffer;
};

const EMPTY = Buffer.alloc(0);
const NO_CHOICES = /"choices"\s*:\s*\[\s*\]/;
/** A longer one goes on as it is. */
const HELD_BYTES_MAX = 64 * 1024;

/** We always ask for the usage, for it is what is charged; a client that did not would stumble over an event without a choice. */
export function createUsageFilter(): UsageFilter {
	let held: Buffer = EMPTY;
	return {
		push(chunk) {
			const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
			const end = findLastEnd(bytes);
			if (end === 0 && bytes.length <= HELD_BYTES_MAX) {
				held = bytes;
				return EMPTY;
			}
			const cut = end === 0 ? bytes.length : end;
			held = bytes.subarray(cut);
			return withoutUsage(bytes.subarray(0, cut));
		},
		end() {
			const rest = held;
			held = EMPTY;
			return withoutUsage(rest);
		},
	};
}

/** The place behind the last complete event; 0: there is none. */
function findLastEnd(bytes: Buffer): number {
	const plain = bytes.lastIndexOf("\n\n");
	const carriage = bytes.lastIndexOf("\r\n\r\n");
	return Math.max(plain === -1 ? 0 : plain + 2, carriage === -1 ? 0 : carriage + 4);
}

function withoutUsage(bytes: Buffer): Buffer {
	if (!bytes.includes('"usage"')) return bytes;
	const text = bytes.toString("utf8");
	const kept = text
		.split(/(?<=\r?\n\r?\n)/)
		.filter((event) => !(NO_CHOICES.test(event) && event.includes('"usage"')));
	return Buffer.from(kept.join(""));
}
