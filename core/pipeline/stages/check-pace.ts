import { findCommand } from "../../commands/all-commands.ts";
import { parseCommand } from "../../commands/parse-command.ts";
import { AppError } from "../../errors.ts";
import type { InboundContent } from "../message.ts";
import type { PipelineDeps } from "../pipeline-deps.ts";
import type { Caller } from "./identify-sender.ts";

/** Messages to the model a minute (source: security S35). */
const PERSON_PER_MINUTE = 20;
const GROUP_PER_MINUTE = 30;
/** Whatever one person sends or presses a minute, commands included: each costs statements and messages of ours. */
const EVENTS_PER_MINUTE = 60;

type PaceDeps = Pick<PipelineDeps, "pace">;

/**
 * Holds back who writes to the model faster than anybody can read the answers; in a group the person and the whole group. Only
 * where strangers write: the terminal is the operator's own, HTTP counts by key.
 *
 * @returns silent for the further messages of a burst: the first one was told
 * @throws AppError RATE_LIMITED for the first message too many
 */
export function checkPace(deps: PaceDeps, caller: Caller): "allowed" | "silent" {
	if (!isOpen(caller)) return "allowed";
	const { chat } = caller;
	const own = take(deps, toPersonKey("user", caller), PERSON_PER_MINUTE);
	if (own === "silent" || chat.kind !== "group") return own;
	return take(deps, `${chat.platform}:${chat.botId}:chat:${chat.id}`, GROUP_PER_MINUTE);
}

/** The same for everything one person sends or presses, but for stopping an answer. @throws AppError as checkPace */
export function checkEvents(deps: PaceDeps, caller: Caller, content: InboundContent): "allowed" | "silent" {
	if (!isOpen(caller) || isStop(content)) return "allowed";
	return take(deps, toPersonKey("events", caller), EVENTS_PER_MINUTE);
}

function isOpen({ chat: { platform } }: Caller): boolean {
	return platform === "telegram" || platform === "wechat";
}

function toPersonKey(what: "user" | "events", { sender }: Caller): string {
	return `${sender.platform}:${sender.botId}:${what}:${sender.userId}`;
}

function take({ pace }: PaceDeps, key: string, perMinute: number): "allowed" | "silent" {
	const outcome = pace.take(key, perMinute);
	if (outcome.kind === "allowed") return "allowed";
	if (!outcome.isFirst) return "silent";
	throw new AppError("RATE_LIMITED", "more messages a minute than a person reads", {
		details: { retryAfterMs: outcome.retryAfterMs },
	});
}

function isStop(content: InboundContent): boolean {
	if (content.kind === "action") return content.data === "stop" || content.data.startsWith("stop:");
	if (content.kind !== "text" || content.forwarded) return content.kind === "stop";
	const parsed = parseCommand(content.text);
	return parsed?.kind === "command" && findCommand(parsed.name)?.name === "stop";
}
