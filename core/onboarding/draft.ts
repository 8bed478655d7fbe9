import type { Policy } from "../models/model-call.ts";
import type { Language } from "../pipeline/message.ts";
import type { Text } from "../texts/say.ts";
import type { ZoneFinder } from "../zones/find-zone.ts";

/** What the three steps gather; JSON, so that an engine may store it between two answers. */
export type OnboardingDraft = {
	readonly language: Language;
	/** IANA name. */
	readonly zone: string;
	/** null: the plain assistant. */
	readonly agentId: string | null;
	/** Only where an agent was found by what the person wrote; null: those that go with the agent. */
	readonly skills: readonly string[] | null;
	readonly policy: Policy;
};

/** Everything the script asks of the world, as values and pure functions: an engine may replay it. */
export type OnboardingFacts = {
	/** What is known or guessed before the first question. */
	readonly language: Language;
	readonly zone: string;
	readonly policy: Policy;
	readonly findZone: ZoneFinder;
	/** In the order in which they are offered. */
	readonly agents: readonly AgentOption[];
	/** Agents and skills for what somebody says he wants, best first; empty when nothing fits. */
	readonly suggest: (text: string) => {
		readonly agents: readonly { readonly id: string }[];
		readonly skills: readonly { readonly id: string }[];
	};
};

export type AgentOption = { readonly id: string; readonly title: Text; readonly summary: Text };
