import { countRequestMedia, countRequestText } from "../dialects/dialect.ts";
import type { Surface } from "../dialects/types.ts";
import { countTokens, MESSAGE_OVERHEAD_TOKENS, REQUEST_OVERHEAD_TOKENS } from "../models/count-tokens.ts";
import { ATTACHMENT_TOKENS } from "./request/estimate-tokens.ts";
import { parseBody } from "./request/parse-body.ts";
import { scanBody } from "./request/scan-body.ts";

/** Input tokens of a request in our own vocabulary; vendors with another one differ by some percent. */
export async function countInput(surface: Surface, bytes: Buffer): Promise<number> {
	const { lengths } = scanBody(bytes);
	const body = parseBody(bytes);
	const { imageCount, documentCount } = countRequestMedia(surface, body);
	let tokens = REQUEST_OVERHEAD_TOKENS + (lengths.get("messages") ?? 1) * MESSAGE_OVERHEAD_TOKENS;
	for (const text of countRequestText(surface, body)) tokens += await countTokens(text);
	return tokens + (imageCount + documentCount) * ATTACHMENT_TOKENS;
}
