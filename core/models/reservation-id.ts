import { hash } from "node:crypto";

const GROWING_DIGITS = 12;

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

/** 48 bits. Ids without a number are spread by their hash. */
function toGrowing(callId: string): string {
	const number = /^\d{1,15}/.exec(callId)?.[0];
	if (number === undefined) return hash("sha256", callId, "hex").slice(0, GROWING_DIGITS);
	return Number(number).toString(16).padStart(GROWING_DIGITS, "0").slice(-GROWING_DIGITS);
}
