import { isObject, looseText } from "./fields.ts";
import type { Piece } from "./streams/piece.ts";
import type { DialectError } from "./types.ts";

/** What a provider says of its own failure, whatever shape it gave it. */
export function readProviderError(raw: unknown): Piece & { readonly kind: "error" } {
	if (!isObject(raw)) return { kind: "error", type: "", message: typeof raw === "string" ? raw : "" };
	const code = raw["code"];
	const type = looseText(raw["type"]);
	const words = typeof code === "string" || typeof code === "number" ? `${type} ${code}`.trim() : type;
	return { kind: "error", type: words, message: looseText(raw["message"]) };
}

/** What came was no event of the dialect. */
export function toProtocolError(data: string): Piece & { readonly kind: "error" } {
	return { kind: "error", type: PROTOCOL, message: `not an event of the dialect: ${data.slice(0, 100)}` };
}

/** The type of an error that is ours to name: the provider said nothing we understand. */
export const PROTOCOL = "protocol";

/**
 * The failure as the caller gets it: its kind, never the provider's words, which may name accounts, keys and machines.
 */
export function toCallerError(piece: { readonly type: string }, requestId: string): DialectError {
	if (/rate_?limit|overloaded|too_many|\b429\b|\b529\b/i.test(piece.type)) {
		return {
			status: 429,
			code: "ROUTER_RATE_LIMITED",
			message: "The provider is overloaded; the answer broke off. Try again in a moment.",
			requestId,
		};
	}
	return {
		status: 503,
		code: "ROUTER_NO_PROVIDER",
		message: "The provider failed in the middle of its answer. Try again.",
		requestId,
	};
}

/** The far end went away without a word. */
export function toCutError(requestId: string): DialectError {
	return {
		status: 503,
		code: "ROUTER_NO_PROVIDER",
		message: "The provider closed the connection before its answer was complete. Try again.",
		requestId,
	};
}
