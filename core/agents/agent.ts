import type { Text } from "../texts/say.ts";

/** One kind of agent anybody may choose. */
export type Agent = {
	readonly id: string;
	readonly title: Text;
	readonly summary: Text;
	/** The system prompt that makes the agent. */
	readonly persona: string;
	/** Skills that go with it unless the account chooses others. */
	readonly skills: readonly string[];
};

export type Skill = {
	readonly id: string;
	readonly title: Text;
	readonly summary: Text;
	/** What the skill tells the model. */
	readonly guidance: string;
};

/** Everything that is enabled, in the order in which it is offered. */
export type Catalog = { readonly agents: readonly Agent[]; readonly skills: readonly Skill[] };

/** An account's settings of one agent. */
export type AgentConfig = {
	readonly agentId: string;
	readonly enabled: boolean;
	readonly skills: readonly string[];
	readonly customSoul: string | undefined;
};
