import type { Language } from "../pipeline/message.ts";
import { createHelpCommand } from "./about/help.ts";
import { privacyCommand } from "./about/privacy.ts";
import { startCommand } from "./about/start.ts";
import { supportCommand } from "./about/support.ts";
import { bindCommand } from "./access/bind.ts";
import { issueCommand } from "./access/issue.ts";
import { keyCommand } from "./access/key.ts";
import { linkCommand } from "./access/link.ts";
import { presetCommand } from "./access/preset.ts";
import { unbindCommand } from "./access/unbind.ts";
import { agentsCommand } from "./agents/agents.ts";
import { skillsCommand } from "./agents/skills.ts";
import { planCommand } from "./billing/plan.ts";
import { tierCommand } from "./billing/tier.ts";
import { usageCommand } from "./billing/usage.ts";
import { cancelCommand } from "./chat/cancel.ts";
import { lastCommand } from "./chat/last.ts";
import { newCommand } from "./chat/new.ts";
import { retryCommand } from "./chat/retry.ts";
import { stopCommand } from "./chat/stop.ts";
import type { Command, CommandScope } from "./command.ts";
import { deleteCommand } from "./data/delete.ts";
import { exportCommand } from "./data/export.ts";
import { instanceCommand } from "./instance/instance.ts";
import { langCommand } from "./settings/lang.ts";
import { timezoneCommand } from "./settings/timezone.ts";

/** Every command there is, in the order of menus and /help. */
export const COMMANDS: readonly Command[] = [
	startCommand,
	createHelpCommand(() => COMMANDS),
	newCommand,
	stopCommand,
	retryCommand,
	lastCommand,
	usageCommand,
	planCommand,
	tierCommand,
	agentsCommand,
	skillsCommand,
	instanceCommand,
	bindCommand,
	linkCommand,
	unbindCommand,
	keyCommand,
	langCommand,
	timezoneCommand,
	supportCommand,
	privacyCommand,
	exportCommand,
	deleteCommand,
	cancelCommand,
	issueCommand,
	presetCommand,
];

/** What a platform's own menu lists; staff commands are in none. */
export const COMMAND_MENU: readonly {
	readonly name: string;
	readonly descriptions: Readonly<Record<Language, string>>;
	readonly scopes: readonly CommandScope[];
}[] = COMMANDS.filter((command) => command.staffOnly !== true).map(({ name, description, scopes }) => ({
	name,
	descriptions: description,
	scopes,
}));

/** By name or alias; `name` as parseCommand gives it. */
export function findCommand(name: string): Command | undefined {
	return BY_WORD.get(name);
}

const BY_WORD: ReadonlyMap<string, Command> = new Map(
	COMMANDS.flatMap((command) => [command.name, ...command.aliases].map((word) => [word, command] as const)),
);
