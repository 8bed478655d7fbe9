import type { ScannedBody } from "./scan-body.ts";

/** English runs at four bytes a token and more, code and Chinese (three bytes a character) at about three and a half. */
const BYTES_A_TOKEN = 3.5;
/** What vendors charge for the largest picture they do not scale down, rounded up. */
export const ATTACHMENT_TOKENS = 1_700;
/** Brackets, roles, the format's own tokens. */
const ELEMENT_TOKENS = 6;

export type InputEstimate = {
	/** What is held for, before the margin. The provider's own count is what is charged. */
	readonly inputTokens: number;
	/** More than this no honest provider can report. */
	readonly inputTokensMax: number;
};

/**
 * Input tokens from sizes alone. Counting a turn of an agent (60 kB) exactly would cost more than all else we do for it;
 * the difference is settled when the provider has counted.
 */
export function estimateInput(scanned: ScannedBody, bytes: number): InputEstimate {
	const { textBytes, attachments, lengths } = scanned;
	const elements = (lengths.get("messages") ?? lengths.get("input") ?? 1) + (lengths.get("tools") ?? 0);
	return {
		inputTokens:
			Math.ceil(textBytes / BYTES_A_TOKEN) + attachments * ATTACHMENT_TOKENS + elements * ELEMENT_TOKENS + 3,
		// A file may be many pages: a token a byte of its base64 is beyond everything.
		inputTokensMax: bytes + elements * 4 * ELEMENT_TOKENS + 64,
	};
}
