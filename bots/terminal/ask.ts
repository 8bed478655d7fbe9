import type { AcceptOutcome, Core } from "../../core/core.ts";
import type { TurnResult } from "../../core/pipeline/message.ts";
import { renderReply } from "./render/render-reply.ts";
import type { Shown } from "./shown.ts";
import type { TerminalInput, TerminalUser } from "./terminal-event.ts";
import { toTerminalEvent } from "./terminal-event.ts";

/** How a message ended, for the exit code and for what we add in our own words. */
export type Asked = {
	readonly kind: "answered" | "failed" | "not-stored" | "not-answered" | "not-ready" | "not-shown" | "closed";
};

export type AskOptions = {
	readonly core: Pick<Core, "accept" | "waitForResult">;
	readonly user: TerminalUser;
	readonly shown: Shown;
	/** How long one answer may take. */
	readonly answerTimeoutMs: number;
	/** How long a stored answer may take to appear. */
	readonly showTimeoutMs: number;
};

export type Ask = (
	input: TerminalInput,
	signal: AbortSignal,
	onAccepted?: (inboxId: string) => void,
) => Promise<Asked>;

/** Sends one message and waits until its answer is on the screen. Never throws. */
export function createAsk({ core, user, shown, answerTimeoutMs, showTimeoutMs }: AskOptions): Ask {
	return async (input, signal, onAccepted) => {
		shown.mark();
		const accepted = await accept(core, input, user);
		if (accepted === undefined) return { kind: "not-stored" };
		onAccepted?.(accepted.inboxId);
		const waited = await waitForResult(core, accepted.inboxId, answerTimeoutMs, signal);
		if (signal.aborted) return { kind: "closed" };
		if (waited === "late") return { kind: "not-ready" };
		const texts = waited.replies.flatMap((reply) => renderReply(reply).map((part) => part.text));
		// A refused message is told about by one notice of core, which has no turn of its own.
		const isSilent = texts.length === 0 && accepted.kind !== "refused";
		const isShown = await shown.whenShown(texts, showTimeoutMs, signal);
		if (!isShown) return { kind: signal.aborted ? "closed" : "not-shown" };
		return { kind: toKind(waited, isSilent) };
	};
}

function toKind(result: TurnResult, isSilent: boolean): Asked["kind"] {
	if (result.error === undefined) return "answered";
	return isSilent ? "not-answered" : "failed";
}

async function accept(
	core: Pick<Core, "accept">,
	input: TerminalInput,
	user: TerminalUser,
): Promise<AcceptOutcome | undefined> {
	try {
		return await core.accept(toTerminalEvent(input, user));
	} catch {
		// Core has logged why; the user is told that nothing was done.
		return undefined;
	}
}

async function waitForResult(
	core: Pick<Core, "waitForResult">,
	inboxId: string,
	timeoutMs: number,
	signal: AbortSignal,
): Promise<TurnResult | "late"> {
	const late = new AbortController();
	const timer = setTimeout(() => late.abort(), timeoutMs);
	try {
		return (await core.waitForResult(inboxId, AbortSignal.any([signal, late.signal]))) ?? "late";
	} catch {
		return "late";
	} finally {
		clearTimeout(timer);
	}
}
