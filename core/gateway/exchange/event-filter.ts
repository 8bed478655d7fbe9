import { toProviderFailure } from "../../egress/http-failure.ts";

/** What is taken out of a stream that otherwise goes on byte by byte. */
export type EventFilterOptions = {
	/** The event that only says the usage; for callers who did not ask for it. */
	readonly dropsUsage: boolean;
	/** What the caller reads in place of a provider's own error, whose words may name accounts and machines. */
	readonly toErrorEvent: (raw: unknown) => string;
};

export type EventFilter = {
	/**
	 * What may go on; an event that is not complete yet is held back.
	 *
	 * @throws AppError when one is longer than EVENT_BYTES_MAX
	 */
	push(chunk: Buffer): Buffer;
	/**
	 * What was held back, if it lacks only its empty line.
	 *
	 * @throws AppError as `push`
	 */
	end(): Buffer;
	/** The provider said an error; whatever came after it is dropped. */
	hasFailed(): boolean;
};

const EMPTY = Buffer.alloc(0);
const NEWLINE = 10;
const DONE = "[DONE]";
const NO_CHOICES = /"choices"\s*:\s*\[\s*\]/;
const EVENT_END = /(?<=\n\n|\n\r\n|\r\r)/;
/** One byte less than the longest end of an event: what of an end may be held back already. */
const SEAM_BYTES = 2;
/** No provider's event comes near; a hostile one never ends. What is charged is read up to the same length. */
export const EVENT_BYTES_MAX = 1024 * 1024;

/**
 * Lets whole events through and nothing else, so that our own can follow them at any time: half an event with ours behind
 * it is broken JSON to whoever reads. We always ask for the usage, for it is what is charged; a client that did not would
 * stumble over an event without a choice.
 */
export function createEventFilter(options: EventFilterOptions): EventFilter {
	const held = createHeld();
	let hasFailed = false;
	let isTooLong = false;

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

	/** Whole events up to the first that is too long. */
	function measure(bytes: Buffer): Buffer {
		if (bytes.length <= EVENT_BYTES_MAX) return bytes;
		let end = 0;
		for (const event of bytes.toString("latin1").split(EVENT_END)) {
			if (event.length > EVENT_BYTES_MAX) {
				isTooLong = true;
				break;
			}
			end += event.length;
		}
		return bytes.subarray(0, end);
	}

	function take(chunk: Buffer): Buffer {
		const end = findEnd(held, chunk);
		if (end === 0) {
			held.add(chunk);
			return EMPTY;
		}
		const whole = measure(held.takeWith(chunk.subarray(0, end)));
		if (end < chunk.length) held.add(chunk.subarray(end));
		return whole;
	}

	/** What came before it has gone on, however the stream is cut. */
	function refuseTooLong(): never {
		held.clear();
		isTooLong = true;
		throw toProviderFailure("protocol", "an event is too long");
	}

	return {
		push(chunk) {
			if (hasFailed) return EMPTY;
			if (isTooLong) refuseTooLong();
			const whole = take(chunk);
			isTooLong ||= held.length() > EVENT_BYTES_MAX;
			if (isTooLong && whole.length === 0) refuseTooLong();
			return clean(whole);
		},
		end() {
			if (hasFailed) return EMPTY;
			if (isTooLong) refuseTooLong();
			const rest = held.takeWith(EMPTY);
			return isWhole(rest) ? clean(rest) : EMPTY;
		},
		hasFailed: () => hasFailed,
	};
}

type Held = {
	length(): number;
	/** At most so many of the last bytes. */
	tail(bytes: number): Buffer;
	add(bytes: Buffer): void;
	/** All of it with these behind it; nothing is held then. */
	takeWith(bytes: Buffer): Buffer;
	clear(): void;
};

/** Bytes of its own, so that a few of them do not keep a whole read alive; grows by doubling: many small pieces cost what one costs. */
function createHeld(): Held {
	let store = EMPTY;
	let used = 0;

	function clear(): void {
		store = EMPTY;
		used = 0;
	}

	return {
		length: () => used,
		tail: (bytes) => store.subarray(Math.max(0, used - bytes), used),
		add(bytes) {
			if (used + bytes.length > store.length) {
				const larger = Buffer.allocUnsafe(used === 0 ? bytes.length : 2 * (used + bytes.length));
				store.copy(larger, 0, 0, used);
				store = larger;
			}
			bytes.copy(store, used);
			used += bytes.length;
		},
		takeWith(bytes) {
			const whole = used === 0 ? bytes : Buffer.concat([store.subarray(0, used), bytes]);
			clear();
			return whole;
		},
		clear,
	};
}

/** The place in the chunk behind the last complete event; 0: there is none. */
function findEnd(held: Held, chunk: Buffer): number {
	// As nearly every piece ends.
	if (chunk.at(-1) === NEWLINE && chunk.at(-2) === NEWLINE) return chunk.length;
	const seam = held.tail(SEAM_BYTES);
	const bytes = seam.length === 0 ? chunk : Buffer.concat([seam, chunk]);
	const ends = ["\n\n", "\n\r\n", "\r\r"].map((end) => {
		const at = bytes.lastIndexOf(end);
		return at === -1 ? 0 : at + end.length - seam.length;
	});
	return Math.max(...ends);
}

/** An event that lacks only its empty line, as the vendors' packages have it. */
function isWhole(event: Buffer): boolean {
	const data = readData(event.toString("latin1"));
	return data.trim() === DONE || parse(data) !== undefined;
}

function isUsageAlone(event: string): boolean {
	return NO_CHOICES.test(event) && event.includes('"usage"');
}

/** The error an event tells, in either dialect. */
function findError(event: string): unknown {
	if (!event.includes('"error"')) return undefined;
	const value = parse(readData(event));
	if (typeof value !== "object" || value === null || !("error" in value)) return undefined;
	return value.error ?? undefined;
}

/** A unit a byte. */
function readData(event: string): string {
	return event
		.split(/\r\n|\n|\r/)
		.filter((line) => line.startsWith("data:"))
		.map((line) => line.slice("data:".length))
		.join("\n");
}

function parse(data: string): unknown {
	try {
		return JSON.parse(Buffer.from(data, "latin1").toString("utf8"));
	} catch {
		return undefined;
	}
}
