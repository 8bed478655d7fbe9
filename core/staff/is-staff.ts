import type { Sender } from "../pipeline/message.ts";

type SenderKey = Pick<Sender, "platform" | "botId" | "userId">;

/**
 * Asks whether a sender belongs to the staff: those the operator named in STAFF as "platform:botId:userId", and whoever sits
 * at the terminal of the machine itself. Never by name (security, S3).
 */
export function createIsStaff(entries: readonly string[]): (sender: SenderKey) => boolean {
	const named = new Set(entries);
	return ({ platform, botId, userId }) =>
		(platform === "terminal" && botId === "local") || named.has(`${platform}:${botId}:${userId}`);
}
