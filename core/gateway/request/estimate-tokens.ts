import type { ScannedBody } from "./scan-body.ts";

/** English runs at four bytes a token and more, code and Chinese (three bytes a character) at about three and a half. */
const BYTES_A_TOKEN = 3.5;
/** Brackets, quotes and commas one after the other. */
const STRUCTURE_BYTES_A_TOKEN = 2;
/** So much of it comes with words and is not shown to a model, or is within what their estimate is wrong by. */
const STRUCTURE_SHARE = 1 / 8;
/** What vendors charge for the largest picture they do not scale down, rounded up. */
export const ATTACHMENT_TOKENS = 1_700;
/** Brackets, roles, the format's own tokens. */
const ELEMENT_TOKENS = 6;
/** Bytes of the format around an element that its own tokens stand for. */
const ELEMENT_BYTES = 24;
/** What Anthropic's models are told about tools beside the tools. Source: Claude docs, "Tool use, pricing", read 2026-11-20. */
const TOOLS_TOKENS = 350;
/** Pages are packed: a document of words has about so many bytes of base64 for a token. */
const DOCUMENT_BYTES_A_TOKEN = 4;
/** 100 pages of 3,000. Source: Claude docs, "PDF support", read 2026-11-20. */
const ELSEWHERE_TOKENS = 300_000;

/** What no honest vendor goes beyond: small models count a picture many times; how vendors explain tools is their own affair. */
const PICTURE_TOKENS_MAX = 50_000;
const ELSEWHERE_TOKENS_MAX = 1_000_000;
const TOOLS_TOKENS_MAX = 1_000;

export type InputEstimate = {
	/** What is likely, before the margin. The provider's own count is what is charged. */
	readonly inputTokens: number;
	/** What files may cost beyond that, where the model's context has room for it. */
	readonly documentTokens: number;
	/** More than this no honest provider can report. */
	readonly inputTokensMax: number;
};

/**
 * Input tokens from sizes alone. Counting a turn of an agent (60 kB) exactly would cost more than all else we do for it;
 * the difference is settled when the provider has counted. Whatever a vendor may charge for counts, or an account could spend
 * what it does not have.
 */
export function estimateInput(scanned: ScannedBody, bytes: number, isEmbedding = false): InputEstimate {
	const { lengths, media } = scanned;
	const tools = lengths.get("tools") ?? 0;
	const elements = (lengths.get("messages") ?? lengths.get("input") ?? 1) + tools;
	const elsewhere = media.documentsElsewhere + media.hidden;
	const attachments = media.pictures + media.documents + media.documentsElsewhere;
	const likely = isEmbedding ? toEmbeddedTokens(scanned) : toTextTokens(scanned, elements);
	return {
		inputTokens:
			likely +
			attachments * ATTACHMENT_TOKENS +
			elements * ELEMENT_TOKENS +
			(tools > 0 ? TOOLS_TOKENS : 0) +
			3,
		documentTokens: Math.ceil(media.documentBytes / DOCUMENT_BYTES_A_TOKEN) + elsewhere * ELSEWHERE_TOKENS,
		// A file may be many pages: a token a byte of its base64 is beyond everything.
		inputTokensMax:
			bytes +
			elements * 4 * ELEMENT_TOKENS +
			(media.pictures + media.hidden) * PICTURE_TOKENS_MAX +
			elsewhere * ELSEWHERE_TOKENS_MAX +
			(tools > 0 ? TOOLS_TOKENS_MAX : 0) +
			64,
	};
}

/** Some vocabularies have a token for each digit, and one for what parts two numbers. */
function toTextTokens(scanned: ScannedBody, elements: number): number {
	const { textBytes, structureBytes, numbers, numberBytes } = scanned;
	const usual = textBytes * STRUCTURE_SHARE + elements * ELEMENT_BYTES;
	const structure = Math.max(0, structureBytes - usual) / STRUCTURE_BYTES_A_TOKEN;
	return Math.ceil(textBytes / BYTES_A_TOKEN + structure + numberBytes + numbers / 2);
}

/** Here a number is the name of a token. */
function toEmbeddedTokens({ textBytes, numbers }: ScannedBody): number {
	return Math.ceil(textBytes / BYTES_A_TOKEN) + numbers;
}
