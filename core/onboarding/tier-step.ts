import { POLICIES, TIER_WORDS, toPolicy } from "../commands/tier-words.ts";
import type { Policy } from "../models/model-call.ts";
import type { Reply } from "../pipeline/message.ts";
import { onboardingTexts } from "../texts/onboarding.ts";
import { say } from "../texts/say.ts";
import { LANGUAGE_NAMES } from "../texts/settings.ts";
import { tierSummaryTexts, tierTexts } from "../texts/tiers.ts";
import { toZoneLabel } from "../zones/zone-labels.ts";
import type { AgentOption, OnboardingDraft } from "./draft.ts";
import type { Step } from "./step.ts";

/** Step 3: shows what was gathered; choosing the tier confirms it all. */
export function createTierStep({ agents }: { readonly agents: readonly AgentOption[] }): Step {
	return {
		ask: (draft) => ask(toSummary(draft, agents), draft),
		answerText(text, draft) {
			const policy = toPolicy(text);
			return policy === undefined
				? { again: ask(say(onboardingTexts.tierAgain, draft.language), draft) }
				: { draft: { ...draft, policy } };
		},
		answerButton(value, draft) {
			const policy = POLICIES.find((candidate) => TIER_WORDS[candidate] === value);
			return policy === undefined ? undefined : { draft: { ...draft, policy } };
		},
	};
}

/** The agent's title in the draft's language, or that of the plain assistant. */
export function toAgentTitle({ agentId, language }: OnboardingDraft, agents: readonly AgentOption[]): string {
	const agent = agents.find(({ id }) => id === agentId);
	return say(agent?.title ?? onboardingTexts.plainAgent, language);
}

function toSummary(draft: OnboardingDraft, agents: readonly AgentOption[]): string {
	return say(onboardingTexts.tier, draft.language, {
		language: LANGUAGE_NAMES[draft.language],
		place: toZoneLabel(draft.zone, draft.language),
		agent: toAgentTitle(draft, agents),
	});
}

function ask(intro: string, { language }: OnboardingDraft): Reply {
	const toRow = (policy: Policy) =>
		say(onboardingTexts.tierRow, language, {
			title: say(tierTexts[policy], language),
			summary: say(tierSummaryTexts[policy], language),
		});
	const buttons = POLICIES.map((policy) => ({
		label: say(tierTexts[policy], language),
		data: `ob:tier:${TIER_WORDS[policy]}`,
	}));
	return { markdown: [intro, ...POLICIES.map(toRow)].join("\n"), buttons: [buttons] };
}
