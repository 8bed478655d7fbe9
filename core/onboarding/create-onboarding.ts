import type { DialogueAnswer, DialogueScript } from "../dialogues/script.ts";
import type { Inbound, Reply } from "../pipeline/message.ts";
import { onboardingTexts } from "../texts/onboarding.ts";
import { say } from "../texts/say.ts";
import { isCancel } from "./belongs-to-dialogue.ts";
import type { OnboardingDraft, OnboardingFacts } from "./draft.ts";
import { createGoalStep } from "./goal-step.ts";
import { languageStep } from "./language-step.ts";
import type { Step, StepAnswer } from "./step.ts";
import { createTierStep } from "./tier-step.ts";
import { createZoneStep } from "./zone-step.ts";

/** Kind of the stored dialogue, and of the script. */
export const ONBOARDING_KIND = "onboarding";

/** Buttons carry "ob:<step>:<value>". */
const BUTTON = /^ob:([a-z]+):(.*)$/s;

/**
 * The three steps of /start: language and zone, what the person wants, tier and confirmation. Pure, so that any engine may
 * store or replay it; nothing is written before `applyOnboarding`.
 */
export function createOnboarding(facts: OnboardingFacts): DialogueScript<OnboardingDraft> {
	const steps: Readonly<Record<string, Step>> = {
		language: languageStep,
		zone: createZoneStep(facts),
		goal: createGoalStep(facts),
		tier: createTierStep(facts),
	};
	const requireStep = (name: string): Step => {
		const step = steps[name];
		if (step === undefined) throw new Error(`the onboarding has no step "${name}"`);
		return step;
	};
	return {
		kind: ONBOARDING_KIND,
		steps: ["language", "zone", "goal", "tier"],
		start: {
			language: facts.language,
			zone: facts.zone,
			agentId: null,
			skills: null,
			policy: facts.policy,
		},
		ask: (name, draft) => requireStep(name).ask(draft),
		answer: (name, draft, inbound) => answerStep(name, requireStep(name), draft, inbound),
	};
}

function answerStep(
	name: string,
	step: Step,
	draft: OnboardingDraft,
	{ content }: Inbound,
): DialogueAnswer<OnboardingDraft> {
	const { language } = draft;
	switch (content.kind) {
		case "text":
			if (!content.forwarded && isCancel(content.text)) {
				return { kind: "cancelled", reply: { markdown: say(onboardingTexts.cancelled, language) } };
			}
			return toAnswer(step.answerText(content.text.trim(), draft));
		case "action": {
			const [, buttonStep, value] = BUTTON.exec(content.data) ?? [];
			const pressed =
				buttonStep === name && value !== undefined ? step.answerButton(value, draft) : undefined;
			return pressed === undefined
				? again(step.ask(draft), say(onboardingTexts.staleButton, language))
				: toAnswer(pressed);
		}
		default:
			return again(step.ask(draft), say(onboardingTexts.textOnly, language));
	}
}

function toAnswer(answer: StepAnswer): DialogueAnswer<OnboardingDraft> {
	return "draft" in answer ? { kind: "next", draft: answer.draft } : { kind: "again", reply: answer.again };
}

function again(question: Reply, intro: string): DialogueAnswer<OnboardingDraft> {
	return { kind: "again", reply: { ...question, markdown: `${intro}\n\n${question.markdown}` } };
}
