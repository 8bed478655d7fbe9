import { hash } from "node:crypto";

const GROWING_DIGITS = 12;
/** A number and a random UUID: a program's call. Kept of it: the last 62 of its random bits. */
const RANDOM_CALL = /^(\d{1,15}):[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-([89ab][0-9a-f]{3})-([0-9a-f]{12})$/;
/** What two digits and one have room for. */
const TRY_MAX = 0xff;
const GENERATION_MAX = 0xf;

/**
 * The reservation of one try of one call: the same wherever and however often it is worked out, so that a try repeated after
 * a lost acknowledgement finds its own reservation again. A UUID of version 8 (RFC 9562: own making).
 *
 * generation: counts on where an earlier one of the same try was given back, since a resolved reservation stays resolved.
 *
 * A call id that begins with a number (an inbox id) gives ids that grow with it: the ledger's index then grows at one end
 * instead of everywhere, which is what keeps its cost from growing with the table.
 */
export function toReservationId(callId: string, tryNumber: number, generation = 0): string {
	const random = RANDOM_CALL.exec(callId);
	if (random !== null && tryNumber <= TRY_MAX && generation <= GENERATION_MAX) {
		return toRandomId(random, tryNumber, generation);
	}
	const name = generation === 0 ? `${callId} ${tryNumber}` : `${callId} ${tryNumber} ${generation}`;
	const digest = hash("sha256", `rockpool reservation ${name}`, "hex");
	const hex = toGrowing(callId) + digest.slice(GROWING_DIGITS);
	const variant = (Number.parseInt(hex[16] ?? "0", 16) & 0x3) | 0x8;
	return [
		hex.slice(0, 8),
		hex.slice(8, 12),
		`8${hex.slice(13, 16)}`,
		`${variant.toString(16)}${hex.slice(17, 20)}`,
		hex.slice(20, 32),
	].join("-");
}

/** The call's own randomness, with the try in place of what of it is left out: nothing that would have to be hashed. */
function toRandomId([, number = "", part = "", node = ""]: RegExpExecArray, at: number, generation: number) {
	const growing = toHexNumber(number);
	const attempt = at.toString(16).padStart(2, "0");
	return `${growing.slice(0, 8)}-${growing.slice(8)}-8${attempt}${generation.toString(16)}-${part}-${node}`;
}

function toHexNumber(digits: string): string {
	return Number(digits).toString(16).padStart(GROWING_DIGITS, "0").slice(-GROWING_DIGITS);
}

/** 48 bits. Ids without a number are spread by their hash. */
function toGrowing(callId: string): string {
	const number = /^\d{1,15}/.exec(callId)?.[0];
	if (number === undefined) return hash("sha256", callId, "hex").slice(0, GROWING_DIGITS);
	return toHexNumber(number);
}
