import { AppError } from "../errors.ts";
import type { KeyGrant } from "../gateway/key-grant.ts";
import type { KeyGrants } from "./key-grants.ts";

export type ChatCaller = Pick<KeyGrant, "accountId" | "keyId">;

/**
 * Who writes to the chat with a key. Only keys without limits of their own: a message is answered later, by a turn that knows
 * the account alone, so that there a cap or a network would not hold.
 *
 * The returned function throws AppError AUTH_INVALID_CREDENTIALS; FORBIDDEN (details.reason "key-gateway-only").
 */
export function createChatKeys(grants: Pick<KeyGrants, "find">): (key: string) => Promise<ChatCaller> {
	return async (key) => {
		const grant = await grants.find(key);
		if (isLimited(grant)) {
			throw new AppError("FORBIDDEN", "a key with limits of its own is for the model gateway", {
				details: { reason: "key-gateway-only" },
			});
		}
		return { accountId: grant.accountId, keyId: grant.keyId };
	};
}

function isLimited({ instanceId, tiers, networks, dailyCapMicro, idleCapMicro }: KeyGrant): boolean {
	return [instanceId, tiers, networks, dailyCapMicro, idleCapMicro].some((limit) => limit !== undefined);
}
