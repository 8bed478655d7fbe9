import type { CommandContext } from "../commands/command.ts";
import { AppError } from "../errors.ts";
import type { Reply } from "../pipeline/message.ts";
import { formatInstant } from "../texts/format.ts";
import { onboardingTexts } from "../texts/onboarding.ts";
import { say } from "../texts/say.ts";
import { tierTexts } from "../texts/tiers.ts";
import { isMidnight } from "../zones/start-of-day.ts";
import type { AgentOption, OnboardingDraft } from "./draft.ts";
import { toAgentTitle } from "./tier-step.ts";

/**
 * Writes what the three steps gathered and says so, in the new language. Doing it twice (a repeated turn) is doing it once.
 * A zone that may not be changed yet stays as it is; the other answers count all the same.
 */
export async function applyOnboarding(
	ctx: Pick<CommandContext, "account" | "deps" | "lane" | "zone">,
	draft: OnboardingDraft,
	agents: readonly AgentOption[],
): Promise<readonly Reply[]> {
	const { account, deps, lane } = ctx;
	const { agentId, language, policy } = draft;
	await deps.setLanguage(account.id, language);
	await deps.setPolicy(account.id, policy);
	const zoneLine = await applyZone(ctx, draft);
	if (agentId === null) await deps.clearAgent(account.id, lane);
	else {
		const skills = draft.skills ?? undefined;
		await deps.configureAgent({ accountId: account.id, lane, agentId, skills });
	}
	await deps.markOnboarded(account.id);
	const tier = say(tierTexts[policy], language);
	const done = say(onboardingTexts.done, language, { tier, agent: toAgentTitle(draft, agents) });
	return [{ markdown: zoneLine === undefined ? done : `${done}\n\n${zoneLine}` }];
}

/** What is worth saying about the zone; undefined when it counts at once. */
async function applyZone(
	{ account, deps, zone }: Pick<CommandContext, "account" | "deps" | "zone">,
	draft: OnboardingDraft,
): Promise<string | undefined> {
	if (draft.zone === zone) return undefined;
	try {
		await deps.changeZone(account.id, draft.zone);
	} catch (error) {
		if (!(error instanceof AppError) || error.code !== "REQUEST_INVALID") throw error;
		return say(onboardingTexts.zoneKept, draft.language, { zone });
	}
	const { resetsAt } = await deps.balance(account.id);
	if (resetsAt === undefined || isMidnight(resetsAt, draft.zone)) return undefined;
	const when = formatInstant(resetsAt, draft.zone, draft.language);
	return say(onboardingTexts.zoneLater, draft.language, { zone: draft.zone, when });
}
