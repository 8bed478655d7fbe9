/** A directory, or a file where it has content. */
export type TarEntry = {
	/** At most 100 characters, from where it is unpacked. */
	readonly path: string;
	readonly content?: string;
};

export type TarOwner = { readonly uid: number; readonly gid: number };

const BLOCK_BYTES = 512;
const PATH_BYTES_MAX = 100;
/** Offset, and octal digits with the byte behind them. Source: POSIX.1-2017, pax, "ustar Interchange Format". */
const FIELDS = { mode: [100, 8], uid: [108, 8], gid: [116, 8], size: [124, 12], mtime: [136, 12] } as const;
const [CHECKSUM, TYPE, MAGIC] = [148, 156, 257];

/**
 * An archive whose entries are open to their owner alone. Numbers of owners have seven octal digits: tar-stream 3.2.2 keeps six
 * and makes another owner of what is greater, without a word.
 *
 * @throws TypeError for a path or a number that does not fit
 */
export function toTar(entries: readonly TarEntry[], { uid, gid }: TarOwner): Buffer {
	const blocks = entries.flatMap(({ path, content }) => {
		const body = Buffer.from(content ?? "");
		const isFile = content !== undefined;
		const header = Buffer.alloc(BLOCK_BYTES);
		const name = isFile ? path : `${path}/`;
		if (Buffer.byteLength(name) > PATH_BYTES_MAX) throw new TypeError(`too long for an archive: ${name}`);
		header.write(name, 0);
		const figures = {
			mode: isFile ? 0o600 : 0o700,
			uid,
			gid,
			size: body.length,
			mtime: Math.floor(Date.now() / 1_000),
		};
		for (const [field, [offset, length]] of Object.entries(FIELDS)) {
			header.write(toOctal(figures[field as keyof typeof FIELDS], length - 1), offset);
		}
		header.write(isFile ? "0" : "5", TYPE);
		header.write("ustar\x0000", MAGIC, "latin1");
		header.fill(" ", CHECKSUM, CHECKSUM + 8);
		const sum = header.reduce((total, byte) => total + byte, 0);
		header.write(`${toOctal(sum, 6)}\0 `, CHECKSUM, "latin1");
		const padding = Buffer.alloc((BLOCK_BYTES - (body.length % BLOCK_BYTES)) % BLOCK_BYTES);
		return [header, body, padding];
	});
	return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]);
}

function toOctal(number: number, digits: number): string {
	const text = number.toString(8).padStart(digits, "0");
	if (text.length > digits) throw new TypeError(`too great for an archive: ${number}`);
	return text;
}
