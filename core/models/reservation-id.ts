import { hash } from "node:crypto";

/**
 * The reservation of one try of one call: the same wherever and however often it is worked out, so that a try repeated after
 * a lost acknowledgement finds its own reservation again. A UUID of version 8 (RFC 9562: own making).
 */
export function toReservationId(callId: string, tryNumber: number): string {
	const hex = hash("sha256", `rockpool reservation ${callId} ${tryNumber}`, "hex");
	const variant = (Number.parseInt(hex[16] ?? "0", 16) & 0x3) | 0x8;
	return [
		hex.slice(0, 8),
		hex.slice(8, 12),
		`8${hex.slice(13, 16)}`,
		`${variant.toString(16)}${hex.slice(17, 20)}`,
		hex.slice(20, 32),
	].join("-");
}
