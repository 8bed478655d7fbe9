import { findCommand } from "../commands/all-commands.ts";
import { parseCommand } from "../commands/parse-command.ts";
import type { Inbound } from "../pipeline/message.ts";

/**
 * True when an open dialogue should get this event: plain words, its own buttons, /cancel. Every other command is run beside
 * it and the question stays open; in a group a person's private dialogue hears nothing.
 */
export function belongsToDialogue({ chat, content }: Inbound, botUsername?: string): boolean {
	if (chat.kind !== "private") return false;
	switch (content.kind) {
		case "text":
			if (content.forwarded || parseCommand(content.text, botUsername) === undefined) return true;
			return isCancel(content.text, botUsername);
		case "action":
			return content.data.startsWith("ob:");
		default:
			return false;
	}
}

export function isCancel(text: string, botUsername?: string): boolean {
	const parsed = parseCommand(text, botUsername);
	return parsed?.kind === "command" && findCommand(parsed.name)?.name === "cancel";
}
