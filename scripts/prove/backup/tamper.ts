const HEADER_START_BYTES = 22;
const CHUNK_HEAD_BYTES = 5;
const TAG_BYTES = 16;

/** A backup file as its parts lie in it: the header, then the sealed chunks. */
export type Parts = { readonly header: Buffer; readonly chunks: readonly Buffer[] };

export type Tampered = { readonly kind: string; readonly bytes: Buffer };

/** Knows the layout of the file and none of its keys, as whoever has got hold of one does. */
export function toParts(file: Buffer): Parts {
	const headerBytes = HEADER_START_BYTES + file.readUInt32BE(HEADER_START_BYTES - 4);
	const chunks: Buffer[] = [];
	for (let at = headerBytes; at < file.length; ) {
		const bytes = CHUNK_HEAD_BYTES + file.readUInt32BE(at + 1) + TAG_BYTES;
		chunks.push(file.subarray(at, at + bytes));
		at += bytes;
	}
	return { header: file.subarray(0, headerBytes), chunks };
}

type Change = (parts: Parts, random: (below: number) => number, other: Parts) => Buffer;

const join = ({ header, chunks }: Parts): Buffer => Buffer.concat([header, ...chunks]);
const pick = ({ chunks }: Parts, random: (below: number) => number): number => random(chunks.length);

const CHANGES: Readonly<Record<string, Change>> = {
	flipped: (parts, random) => flip(join(parts), random),
	"flipped in the header": (parts, random) => join({ ...parts, header: flip(parts.header, random) }),
	"cut anywhere": (parts, random) => {
		const file = join(parts);
		return file.subarray(0, random(file.length));
	},
	"cut between chunks": (parts, random) =>
		join({ ...parts, chunks: parts.chunks.slice(0, pick(parts, random)) }),
	"cut and called the end": (parts, random) => {
		const chunks = parts.chunks.slice(0, 1 + random(parts.chunks.length - 2)).map((one) => Buffer.from(one));
		chunks.at(-1)?.writeUInt8(1);
		return join({ ...parts, chunks });
	},
	"one left out": (parts, random) =>
		join({ ...parts, chunks: parts.chunks.toSpliced(pick(parts, random), 1) }),
	swapped: (parts, random) => {
		const at = random(parts.chunks.length - 1);
		const [one, next] = parts.chunks.slice(at, at + 2);
		return join({
			...parts,
			chunks: parts.chunks.toSpliced(at, 2, next ?? Buffer.alloc(0), one ?? Buffer.alloc(0)),
		});
	},
	repeated: (parts, random) => {
		const at = pick(parts, random);
		return join({ ...parts, chunks: parts.chunks.toSpliced(at, 0, parts.chunks[at] ?? Buffer.alloc(0)) });
	},
	appended: (parts, random) => Buffer.concat([join(parts), Buffer.alloc(1 + random(100))]),
	"one of another backup": (parts, random, other) => {
		const at = random(Math.min(parts.chunks.length, other.chunks.length));
		return join({ ...parts, chunks: parts.chunks.with(at, other.chunks[at] ?? Buffer.alloc(0)) });
	},
	"header of another backup": (parts, _random, other) => join({ ...parts, header: other.header }),
};

/** Files made of one by changing it in every way in turn. */
export function* tamper(
	file: Buffer,
	other: Buffer,
	count: number,
	random: () => number,
): Generator<Tampered> {
	const kinds = Object.entries(CHANGES);
	for (let number = 0; number < count; number += 1) {
		const [kind, change] = kinds[number % kinds.length] ?? ["", join];
		const below = (bound: number) => Math.trunc(random() * bound);
		const bytes = change(toParts(file), below, toParts(other));
		if (bytes.equals(file)) throw new Error(`nothing was changed: ${kind}`);
		yield { kind, bytes };
	}
}

function flip(bytes: Buffer, random: (below: number) => number): Buffer {
	const bit = random(bytes.length * 8);
	const flipped = Buffer.from(bytes);
	flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
	return flipped;
}
