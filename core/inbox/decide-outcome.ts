import { findCodes } from "../bind-codes/find-codes.ts";
import type { Inbound, Language } from "../pipeline/message.ts";
import type { TurnOutcome } from "../pipeline/turn.ts";
import type { Claim } from "./claim.ts";
import { findLanguage } from "./find-language.ts";
import { toBacklogOutcome, toDeadOutcome, toOverflowOutcome, withLatePrefix } from "./notices.ts";
import { refuseBacklog } from "./refuse-backlog.ts";
import type { TurnDeps } from "./turn-deps.ts";

/** Tries of one event before it is given up and its sender told (source: message flow, rule 5). */
export const ATTEMPTS_MAX = 5;
/** Older than this an answer is late, and a queue behind it a backlog (row 22). */
const LATE_MS = 3_600_000;
/** So many of a lane's newest events are still answered after a long outage. */
const BACKLOG_KEEP = 20;

export type Decided = { readonly outcome: TurnOutcome; readonly endsAs?: "dead" | "refused" };

/** What an event comes to: nearly always what the pipeline says, otherwise a notice in its place. */
export async function decideOutcome(
	deps: TurnDeps,
	claim: Claim,
	inbound: Inbound,
	handle: () => Promise<TurnOutcome>,
): Promise<Decided> {
	const notice = await decideNotice(deps, claim, inbound);
	if (notice !== undefined) return { ...notice, outcome: forgetCodes(notice.outcome, claim.body) };
	const outcome = await handle();
	if (claim.ageMs <= LATE_MS || outcome.result.replies.length === 0) return { outcome };
	const language = await findLanguage(deps.db, inbound.sender);
	return { outcome: { ...outcome, result: withLatePrefix(outcome.result, claim.ageMs, language) } };
}

/** An event that ends without the pipeline's having read it may hold a bind code as any other. */
export function forgetCodes(outcome: TurnOutcome, body: unknown): TurnOutcome {
	const codes = findCodes(body);
	return codes.length === 0 ? outcome : { ...outcome, forgets: codes };
}

async function decideNotice(deps: TurnDeps, claim: Claim, inbound: Inbound): Promise<Decided | undefined> {
	const language = async (): Promise<Language> => await findLanguage(deps.db, inbound.sender);
	if (claim.endsAs === "refused") return { outcome: toOverflowOutcome(await language()) };
	if (claim.attempts > ATTEMPTS_MAX) {
		deps.log.error(
			{ alert: "dead_letter", inboxId: claim.inboxId, attempts: claim.attempts },
			"event given up",
		);
		return { outcome: toDeadOutcome(claim.inboxId, await language()), endsAs: "dead" };
	}
	if (claim.ageMs > LATE_MS && claim.waiting > BACKLOG_KEEP) {
		const outcome = toBacklogOutcome(await language(), BACKLOG_KEEP);
		const refused = await refuseBacklog(deps.db, claim, BACKLOG_KEEP, { ...outcome.result, replies: [] });
		deps.log.warn({ inboxId: claim.inboxId, refused: refused + 1 }, "backlog refused");
		return { outcome, endsAs: "refused" };
	}
	return undefined;
}
