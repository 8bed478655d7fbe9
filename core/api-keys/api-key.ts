import { createHash, randomBytes, randomInt } from "node:crypto";

const ID_LENGTH = 8;
const ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

export type NewKey = { readonly id: string; readonly key: string; readonly hash: Buffer };

/** `rp_<id of 8>_<43 base64url>`: 256 bits, so a plain hash may be stored (ASVS 6.5.2; source: security S20). */
export function createApiKey(): NewKey {
	let id = "";
	while (id.length < ID_LENGTH) id += ID_ALPHABET.charAt(randomInt(ID_ALPHABET.length));
	const key = `rp_${id}_${randomBytes(32).toString("base64url")}`;
	return { id, key, hash: hashKey(key) };
}

/** Any string has a hash, so that a wrong key takes the same way as a right one. */
export function hashKey(key: string): Buffer {
	return createHash("sha256").update(key).digest();
}
