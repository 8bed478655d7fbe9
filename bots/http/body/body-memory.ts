/**
 * Memory for bodies that is used again: what an agent sends is long, and fresh memory for each such body costs more than
 * copying it, and calls the garbage collector.
 */
export type BodyMemory = {
	/**
	 * A buffer of exactly so many bytes; what is in it is somebody else's. Undefined for a body too short to be worth it, and for
	 * one so long that nobody's word for its length should be enough.
	 */
	take(bytes: number): Buffer | undefined;
	/** Of a body that nobody reads any more. A buffer that was not taken here, or that came back before, is left alone. */
	giveBack(body: Buffer): void;
	/** Bytes that wait to be used again. */
	readonly idleBytes: number;
};

/** Shorter ones come in one piece, which is not copied then. */
export const POOLED_BYTES_MIN = 64 * 1024;
const POOLED_BYTES_MAX = 1024 * 1024;
const IDLE_BYTES_MAX = 16 * 1024 * 1024;

export function createBodyMemory(idleBytesMax: number = IDLE_BYTES_MAX): BodyMemory {
	/** By size, which is a power of two. */
	const idle = new Map<number, Buffer[]>();
	/** What lies behind the bodies that are out. */
	const lent = new WeakMap<Buffer, Buffer>();
	let idleBytes = 0;
	return {
		take(bytes) {
			if (bytes < POOLED_BYTES_MIN || bytes > POOLED_BYTES_MAX) return undefined;
			const size = toSize(bytes);
			const found = idle.get(size)?.pop();
			if (found !== undefined) idleBytes -= size;
			const whole = found ?? Buffer.allocUnsafeSlow(size);
			const body = whole.subarray(0, bytes);
			lent.set(body, whole);
			return body;
		},
		giveBack(body) {
			const whole = lent.get(body);
			if (whole === undefined) return;
			lent.delete(body);
			if (idleBytes + whole.length > idleBytesMax) return;
			idleBytes += whole.length;
			const same = idle.get(whole.length);
			if (same === undefined) idle.set(whole.length, [whole]);
			else same.push(whole);
		},
		get idleBytes() {
			return idleBytes;
		},
	};
}

/** The next power of two. */
function toSize(bytes: number): number {
	return 2 ** (32 - Math.clz32(bytes - 1));
}
