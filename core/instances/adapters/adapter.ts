import type { CellFile, CellSpec } from "../runtime.ts";

/** Where an agent listens: at its loopback, or at all addresses of a network that is its own. */
export type AgentReach = "loopback" | "network";

/** One agent that lives in an instance, as its account has it. */
export type AgentProfile = {
	/** Lower case with hyphens. */
	readonly id: string;
	readonly name: string;
	/** Who it is, in words. */
	readonly soul: string;
	/** What it is to do and how, in words. */
	readonly instructions: string;
	/** Names of those it may use. */
	readonly skills: readonly string[];
};

/** A skill that does not come with the agent's program: its SKILL.md. */
export type SkillFile = { readonly id: string; readonly content: string };

/** What an instance is to be, whatever its agent's program calls it. */
export type InstanceTerms = {
	/** Where our gateway is, as seen from its cell; with /v1. */
	readonly gatewayUrl: string;
	/** The instance's own key of our gateway: all it can spend. */
	readonly modelKey: string;
	/** Whoever has it owns the instance: never outside of our own calls. */
	readonly token: string;
	readonly reach: AgentReach;
	/** IANA zone of its account. */
	readonly zone: string;
	/** The first one answers where nobody is named. */
	readonly agents: readonly [AgentProfile, ...AgentProfile[]];
	readonly skillFiles: readonly SkillFile[];
	/** What it may do unasked, in minutes between; undefined: nothing. */
	readonly heartbeatMinutes: number | undefined;
};

/** One kind of agent: how what we want of an instance is told to its program. Pure. */
export type AgentAdapter = {
	readonly kind: string;
	/** How it is started and mended. @see CellSpec for {home} and {port} */
	describe(terms: InstanceTerms): Pick<CellSpec, "environment" | "args" | "mendArgs">;
	/** @throws AppError REQUEST_INVALID for terms its program would not take */
	files(terms: InstanceTerms): readonly CellFile[];
	/** Where it says how it is; each answers 200 where all is well. */
	readonly probes: { readonly live: string; readonly started: string; readonly ready: string };
};
