import { createHmac } from "node:crypto";
import type { SenderKey } from "./account.ts";

/** What is kept of a person who left: recognises him when he comes back, tells nobody else who he is. */
export function hashSender(pepper: string, { platform, botId, userId }: SenderKey): Buffer {
	return createHmac("sha256", pepper)
		.update(JSON.stringify([platform, botId, userId]))
		.digest();
}
