import { countRequestMedia, countRequestText } from "../dialects/dialect.ts";
import type { Surface } from "../dialects/types.ts";
import { countTokens, MESSAGE_OVERHEAD_TOKENS, REQUEST_OVERHEAD_TOKENS } from "../models/count-tokens.ts";
import { ATTACHMENT_TOKENS } from "./request/estimate-tokens.ts";
import { parseBody } from "./request/parse-body.ts";
import { readQuestion } from "./request/read-fields.ts";
import { scanBody } from "./request/scan-body.ts";

/**
 * Input tokens of a request in our own vocabulary; vendors with another one differ by some percent.
 *
 * @throws AppError REQUEST_INVALID for what could not be asked either
 */
export async function countInput(surface: Surface, bytes: Buffer): Promise<number> {
	const scanned = scanBody(bytes);
	readQuestion(surface, bytes, scanned);
	const { lengths } = scanned;
	const body = parseBody(bytes);
	const { imageCount, documentCount } = countRequestMedia(surface, body);
	let tokens = REQUEST_OVERHEAD_TOKENS + (lengths.get("messages") ?? 1) * MESSAGE_OVERHEAD_TOKENS;
	for (const text of countRequestText(surface, body)) tokens += await countTokens(text);
	return tokens + (imageCount + documentCount) * ATTACHMENT_TOKENS;
}
