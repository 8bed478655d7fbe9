import type { CommandContext } from "../commands/command.ts";
import type { PipelineDeps } from "./pipeline-deps.ts";
import type { Caller } from "./stages/identify-sender.ts";
import type { Turn } from "./turn.ts";

/** What a command sees of a turn. Pure. */
export function toCommandContext(
	deps: PipelineDeps,
	turn: Turn,
	{ sender, chat, lane, account, context }: Caller,
): Omit<CommandContext, "args"> {
	const { subscription } = account;
	return {
		inboxId: turn.inboxId,
		account: { id: account.accountId, policy: account.policy, isStaff: context.isStaff },
		sender,
		chat,
		lane,
		language: account.language,
		zone: account.zone,
		plan:
			subscription?.live === true
				? {
						id: subscription.caller.planId,
						name: subscription.planName,
						endsAt: subscription.endsAt,
						instanceKind: subscription.instanceKind,
					}
				: undefined,
		agentId: account.agent?.agentId,
		dialogues: context.dialogues,
		now: turn.receivedAt,
		supportUrl: deps.settings.supportUrl,
		botUsername: deps.botUsername(chat.platform, chat.botId),
		deps: deps.commands,
	};
}
