import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** What a record belongs to. Moved to another row, column or tenant, it no longer opens. */
export type Place = {
	readonly table: string;
	readonly column: string;
	readonly rowId: string;
	readonly tenant: string;
};

/** A key of 256 bits and the name records call it by. */
export type NamedKey = { readonly id: string; readonly bytes: Buffer };

/** Cannot be opened: a flipped bit, another place, another key. Tells nothing about the content. */
export class SealError extends Error {
	override readonly name = "SealError";
}

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = "v1";
/** No dot, since dots part the record. */
const KEY_ID = /^[\w-]{1,40}$/;

/**
 * `v1.kid.nonce.ct.tag`, the last three in base64url; AES-256-GCM with a random 96-bit nonce and the place as associated data
 * (source: design security, S19). Good for 2^32 records a key.
 */
export function seal(key: NamedKey, place: Place, plain: Buffer): string {
	if (!KEY_ID.test(key.id)) throw new SealError("a key id must be 1 to 40 letters, digits, _ or -");
	const nonce = randomBytes(NONCE_BYTES);
	const cipher = createCipheriv(ALGORITHM, key.bytes, nonce, { authTagLength: TAG_BYTES });
	cipher.setAAD(toAssociatedData(place, key.id));
	const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
	return [
		VERSION,
		key.id,
		...[nonce, sealed, cipher.getAuthTag()].map((part) => part.toString("base64url")),
	].join(".");
}

/** @throws SealError whatever is wrong. */
export function open(key: NamedKey, place: Place, record: string): Buffer {
	const { keyId, nonce, sealed, tag } = parse(record);
	if (keyId !== key.id) throw new SealError(`the record needs key ${keyId}, not ${key.id}`);
	try {
		const decipher = createDecipheriv(ALGORITHM, key.bytes, nonce, { authTagLength: TAG_BYTES });
		decipher.setAAD(toAssociatedData(place, keyId));
		decipher.setAuthTag(tag);
		return Buffer.concat([decipher.update(sealed), decipher.final()]);
	} catch (error) {
		throw new SealError("the record was changed, moved or sealed with another key", { cause: error });
	}
}

/** The name of the key that a record needs. @throws SealError when it is no record. */
export function readKeyId(record: string): string {
	return parse(record).keyId;
}

function parse(record: string): { keyId: string; nonce: Buffer; sealed: Buffer; tag: Buffer } {
	const [version, keyId = "", ...texts] = record.split(".");
	const [nonce, sealed, tag] = texts.map(decode);
	const isWhole = version === VERSION && KEY_ID.test(keyId) && texts.length === 3;
	if (!isWhole || nonce?.length !== NONCE_BYTES || sealed === undefined || tag?.length !== TAG_BYTES) {
		throw new SealError("this is no sealed record");
	}
	return { keyId, nonce, sealed, tag };
}

/** Refuses what Node would read past: other alphabets, stray characters, spare bits. One content has one record text. */
function decode(text: string): Buffer | undefined {
	const bytes = Buffer.from(text, "base64url");
	return bytes.toString("base64url") === text ? bytes : undefined;
}

function toAssociatedData(place: Place, keyId: string): Buffer {
	// as JSON, so that no name with a separator in it can pass for another place
	return Buffer.from(JSON.stringify([place.table, place.column, place.rowId, place.tenant, keyId]));
}
