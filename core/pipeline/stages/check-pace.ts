import { AppError } from "../../errors.ts";
import type { PipelineDeps } from "../pipeline-deps.ts";
import type { Caller } from "./identify-sender.ts";

/** Messages a minute (source: security S35). */
const PERSON_PER_MINUTE = 20;
const GROUP_PER_MINUTE = 30;

/**
 * Holds back who writes faster than anybody can read the answers. Only where strangers write: the terminal is the operator's
 * own, HTTP counts by key.
 *
 * @returns silent for the further messages of a burst: the first one was told
 * @throws AppError RATE_LIMITED for the first message too many
 */
export function checkPace(deps: Pick<PipelineDeps, "pace">, { chat, sender }: Caller): "allowed" | "silent" {
	if (chat.platform !== "telegram" && chat.platform !== "wechat") return "allowed";
	const isGroup = chat.kind === "group";
	const key = `${chat.platform}:${chat.botId}:${isGroup ? `chat:${chat.id}` : `user:${sender.userId}`}`;
	const outcome = deps.pace.take(key, isGroup ? GROUP_PER_MINUTE : PERSON_PER_MINUTE);
	if (outcome.kind === "allowed") return "allowed";
	if (!outcome.isFirst) return "silent";
	throw new AppError("RATE_LIMITED", "more messages a minute than a person reads", {
		details: { retryAfterMs: outcome.retryAfterMs },
	});
}
