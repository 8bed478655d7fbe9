/** What is taken out of a stream that otherwise goes on byte by byte. */
export type EventFilterOptions = {
	/** The event that only says the usage; for callers who did not ask for it. */
	readonly dropsUsage: boolean;
	/** What the caller reads in place of a provider's own error, whose words may name accounts and machines. */
	readonly toErrorEvent: (raw: unknown) => string;
};

export type EventFilter = {
	/** What may go on; an event that is not complete yet is held back. */
	push(chunk: Buffer): Buffer;
	/** What was held back. */
	end(): Buffer;
	/** The provider said an error; whatever came after it is dropped. */
	hasFailed(): boolean;
};

const EMPTY = Buffer.alloc(0);
const NEWLINE = 10;
const NO_CHOICES = /"choices"\s*:\s*\[\s*\]/;
const EVENT_END = /(?<=\n\n|\n\r\n|\r\r)/;
/** A longer one goes on as it is. */
const HELD_BYTES_MAX = 64 * 1024;

/**
 * Lets whole events through, so that our own can follow them at any time. We always ask for the usage, for it is what is
 * charged; a client that did not would stumble over an event without a choice.
 */
export function createEventFilter(options: EventFilterOptions): EventFilter {
	let held: Buffer = EMPTY;
	let hasFailed = false;

	function clean(bytes: Buffer): Buffer {
		const hasError = bytes.includes('"error"');
		const hasUsage = options.dropsUsage && bytes.includes('"usage"');
		if (!hasError && !hasUsage) return bytes;
		// A unit a byte: a piece may begin or end inside a character.
		const events = bytes.toString("latin1").split(EVENT_END);
		return Buffer.concat(events.map((event) => Buffer.from(replace(event, hasUsage), "latin1")));
	}

	function replace(event: string, hasUsage: boolean): string {
		if (hasFailed || (hasUsage && isUsageAlone(event))) return "";
		const error = findError(event);
		if (error === undefined) return event;
		hasFailed = true;
		return Buffer.from(options.toErrorEvent(error)).toString("latin1");
	}

	return {
		push(chunk) {
			if (hasFailed) return EMPTY;
			const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
			const end = findLastEnd(bytes);
			if (end === 0 && bytes.length <= HELD_BYTES_MAX) {
				held = bytes;
				return EMPTY;
			}
			const cut = end === 0 ? bytes.length : end;
			held = cut === bytes.length ? EMPTY : bytes.subarray(cut);
			return clean(bytes.subarray(0, cut));
		},
		end() {
			const rest = held;
			held = EMPTY;
			return hasFailed ? EMPTY : clean(rest);
		},
		hasFailed: () => hasFailed,
	};
}

/** The place behind the last complete event; 0: there is none. */
function findLastEnd(bytes: Buffer): number {
	// As nearly every piece ends.
	if (bytes.at(-1) === NEWLINE && bytes.at(-2) === NEWLINE) return bytes.length;
	const ends = ["\n\n", "\n\r\n", "\r\r"].map((end) => {
		const at = bytes.lastIndexOf(end);
		return at === -1 ? 0 : at + end.length;
	});
	return Math.max(...ends);
}

function isUsageAlone(event: string): boolean {
	return NO_CHOICES.test(event) && event.includes('"usage"');
}

/** The error an event tells, in either dialect. */
function findError(event: string): unknown {
	if (!event.includes('"error"')) return undefined;
	const data = event
		.split(/\r\n|\n|\r/)
		.filter((line) => line.startsWith("data:"))
		.map((line) => line.slice("data:".length));
	try {
		const value: unknown = JSON.parse(Buffer.from(data.join("\n"), "latin1").toString("utf8"));
		if (typeof value !== "object" || value === null || !("error" in value)) return undefined;
		return value.error ?? undefined;
	} catch {
		return undefined;
	}
}
