import { deliverPart } from "./deliver-part.ts";
import type { DeliveryContext } from "./delivery-context.ts";
import { paceOf } from "./pace.ts";
import type { OutboxPart, StateWrite, WriteOutcome } from "./part.ts";

/** later: the lane rests, somebody goes on from the stored states. */
export type DeliveryOutcome = "done" | "more" | "later" | "fenced";

/**
 * Sends the parts of a stored answer in order and ends the event. Each state is stored before the next step, under the lease;
 * the last one together with the end of the turn.
 */
export async function deliver(
	context: DeliveryContext,
	parts: readonly OutboxPart[],
): Promise<DeliveryOutcome> {
	const open = parts.filter((part) => !isFinal(context, part));
	for (const [index, part] of open.entries()) {
		const step = await deliverPart(context, part);
		if (step.kind === "fenced") return "fenced";
		if (step.kind === "later") {
			const written = await end(context, { ...step.write, finish: "later", delayMs: step.delayMs });
			return written === "fenced" ? "fenced" : "later";
		}
		if (step.isGone) return await endGone(context, open.slice(index), step.write);
		if (index === open.length - 1) return toOutcome(await end(context, { ...step.write, finish: "done" }));
		if ((await context.writeState(context.hold, step.write)) === "fenced") return "fenced";
	}
	return toOutcome(await end(context, { finish: "done" }));
}

/** Nobody is there: the rest stays stored, and is not tried again. */
async function endGone(
	context: DeliveryContext,
	rest: readonly OutboxPart[],
	write: StateWrite,
): Promise<DeliveryOutcome> {
	for (const { part } of rest.slice(1)) await context.writeState(context.hold, { ...write, part });
	await context.onUnreachable();
	return toOutcome(await end(context, { ...write, finish: "done" }));
}

async function end(context: DeliveryContext, write: StateWrite): Promise<WriteOutcome> {
	const { channel, chat, used } = context;
	return await context.writeState(context.hold, {
		...write,
		...paceOf(channel, chat, { calls: used.calls, elapsedMs: context.elapsedMs() }),
	});
}

function toOutcome(written: WriteOutcome): DeliveryOutcome {
	return written === "written" ? "done" : written;
}

function isFinal({ channel }: DeliveryContext, { state }: OutboxPart): boolean {
	if (state === "done" || state === "dead" || state === "unknown") return true;
	return state === "sent" && !channel.capabilities.edit;
}
