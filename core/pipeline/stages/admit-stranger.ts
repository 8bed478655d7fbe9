import { findBindCode } from "../../bind-codes/code.ts";
import { redeemBindCode } from "../../bind-codes/redeem-code.ts";
import { toOwner, toOwnerWords } from "../../commands/access/account-owner.ts";
import { parseCommand } from "../../commands/parse-command.ts";
import { accessTexts } from "../../texts/access.ts";
import { pipelineTexts } from "../../texts/pipeline.ts";
import { say } from "../../texts/say.ts";
import { SILENCE, toOutcome } from "../outcomes.ts";
import type { PipelineDeps } from "../pipeline-deps.ts";
import type { Turn, TurnOutcome } from "../turn.ts";
import type { Identity } from "./identify-sender.ts";

/**
 * Somebody without an account where only invited people get one: a code lets him in, anything else gets a hint, three a day
 * (source: security S35).
 *
 * @throws AppError BIND_CODE_INVALID, RATE_LIMITED after too many wrong codes
 */
export async function admitStranger(
	deps: PipelineDeps,
	turn: Turn,
	stranger: Extract<Identity, { kind: "stranger" }>,
): Promise<TurnOutcome> {
	const { sender, language, hint } = stranger;
	const { chat, content } = turn.inbound;
	const code = content.kind === "text" && !content.forwarded ? findCode(content.text) : undefined;
	if (code === undefined || chat.kind !== "private") {
		return hint ? toOutcome([{ markdown: say(pipelineTexts.inviteOnly, language) }]) : SILENCE;
	}
	const { pepper, zoneDefault: zone } = deps.settings;
	const outcome = await redeemBindCode(deps.db, pepper, {
		code,
		sender,
		chat,
		language,
		zone,
		turnId: turn.inboxId,
	});
	const words =
		outcome.kind === "plan"
			? say(accessTexts.boundPlan, language, { plan: outcome.planName })
			: say(accessTexts.boundLink, language, { owner: toOwnerWords(toOwner(outcome.others)) });
	return toOutcome([{ markdown: `${words}\n\n${say(pipelineTexts.setUpHint, language)}` }]);
}

/** "/bind CODE", "/start CODE" of a deep link, or the bare code. */
function findCode(text: string): string | undefined {
	const command = parseCommand(text);
	if (command?.kind === "command" && (command.name === "bind" || command.name === "start")) {
		return command.args === "" ? undefined : command.args;
	}
	return findBindCode(text);
}
