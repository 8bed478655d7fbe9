import { findBindCode, parseCode } from "../../bind-codes/code.ts";
import { findCommand } from "../../commands/all-commands.ts";
import { parseCommand } from "../../commands/parse-command.ts";
import type { InboundContent } from "../message.ts";

/** Commands whose words may be a bind code; a deep link comes as /start. */
const TAKES_CODE: ReadonlySet<string> = new Set(["bind", "start"]);

/**
 * The bind code in what somebody wrote, as it was typed. A code that was not used up works for days, so that it is stored as a
 * hash only (source: security, S1), not in the words of whoever tried it.
 */
export function findWrittenCode(content: InboundContent): string | undefined {
	if (content.kind !== "text" || content.forwarded) return undefined;
	const command = parseCommand(content.text);
	if (command === undefined)
		return findBindCode(content.text) === undefined ? undefined : content.text.trim();
	if (command.kind === "foreign") return undefined;
	const name = findCommand(command.name)?.name;
	const isCode = name !== undefined && TAKES_CODE.has(name) && parseCode(command.args) !== undefined;
	return isCode ? command.args : undefined;
}
