import type { Channel } from "../channels/channel.ts";
import type { LiveText } from "../outbox/live-text.ts";
import { createLiveText } from "../outbox/live-text.ts";
import { PLACEHOLDER } from "../outbox/placeholder.ts";
import type { Inbound } from "../pipeline/message.ts";
import { withCrashPoints } from "./crash-delivery.ts";
import type { HeldTurn } from "./leases.ts";
import { toReplyTarget } from "./reply-target.ts";
import type { TurnDeps } from "./turn-deps.ts";

/** Draft ids are positive and fit into 31 bits. */
const DRAFT_IDS = 2n ** 31n - 1n;

/** The preview of a turn's answer, with its early placeholder in chats that stream by edits. */
export function openLiveText(
	deps: TurnDeps,
	turn: HeldTurn,
	plainChannel: Channel,
	inbound: Inbound,
): LiveText {
	const { claim } = turn;
	const channel = withCrashPoints(plainChannel);
	const earlier = claim.parts.find((part) => part.part === 0 && part.state === "ph_sent")?.messageId;
	return createLiveText({
		channel,
		chat: inbound.chat,
		draftId: Number((BigInt(claim.inboxId) % DRAFT_IDS) + 1n),
		cooldown: deps.cooldown,
		isLive: () => deps.leases.isLive(turn),
		...(earlier !== undefined && { placeholderId: earlier }),
		isQuiet: !isAnswered(inbound),
		onText: (text) => deps.watchers.publish(claim.inboxId, text),
		async openPlaceholder() {
			if ((await deps.writeState(claim, { part: 0, state: "ph_sending" })) === "fenced") return undefined;
			if (!deps.leases.isLive(turn)) return undefined;
			const sent = await channel.send(inbound.chat, PLACEHOLDER, toReplyTarget(inbound));
			if (sent.kind === "not-sent" && sent.retryAfterMs !== undefined) {
				deps.cooldown.start(inbound.chat, sent.retryAfterMs);
			}
			if (sent.kind !== "sent") return undefined;
			const stored = await deps.writeState(claim, { part: 0, state: "ph_sent", messageId: sent.messageId });
			return stored === "fenced" ? undefined : sent.messageId;
		},
	});
}

/** Whether "typing" may be shown: not for what nobody will answer. */
function isAnswered({ sender, content }: Inbound): boolean {
	return (
		sender !== undefined && (content.kind === "text" || content.kind === "media" || content.kind === "action")
	);
}
