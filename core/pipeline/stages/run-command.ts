import { runAction } from "../../actions/run-action.ts";
import { findBindCode } from "../../bind-codes/code.ts";
import { bindWithCode } from "../../commands/access/bind.ts";
import type { CommandOutcome } from "../../commands/command.ts";
import { parseCommand } from "../../commands/parse-command.ts";
import { runCommand } from "../../commands/run-command.ts";
import { toCommandContext } from "../command-context.ts";
import type { PipelineDeps } from "../pipeline-deps.ts";
import type { Turn } from "../turn.ts";
import type { Caller } from "./identify-sender.ts";

/** foreign: addressed to another bot. */
export type CommandRun = CommandOutcome | { readonly kind: "foreign" };

/**
 * A command, a pressed button or a bare bind code. Undefined for plain talk, and for whatever was forwarded or quoted
 * (source: security S31).
 *
 * @throws AppError as the command does
 */
export async function runCommandOrAction(
	deps: PipelineDeps,
	turn: Turn,
	caller: Caller,
): Promise<CommandRun | undefined> {
	const { content } = turn.inbound;
	const ctx = toCommandContext(deps, turn, caller);
	if (content.kind === "stop") return await runAction("stop", { ...ctx, args: "" });
	if (content.kind === "action") return await runAction(content.data, { ...ctx, args: "" });
	if (content.kind !== "text" || content.forwarded) return undefined;
	const parsed = parseCommand(content.text, ctx.botUsername);
	if (parsed?.kind === "foreign") return { kind: "foreign" };
	if (parsed !== undefined) return await runCommand(parsed.name, { ...ctx, args: parsed.args });
	const code = findBindCode(content.text);
	return code === undefined ? undefined : await bindWithCode(ctx, code);
}
