import type { Inbound, Reply } from "../pipeline/message.ts";

/**
 * A dialogue of fixed steps, independent of any channel. Every function is pure, so that an engine may replay it
 * (@grammyjs/conversations does) or store only the step and the draft (the plain engine does).
 */
export type DialogueScript<Draft> = {
	readonly kind: string;
	readonly steps: readonly [string, ...string[]];
	readonly start: Draft;
	ask(step: string, draft: Draft): Reply;
	answer(step: string, draft: Draft, inbound: Inbound): DialogueAnswer<Draft>;
};

export type DialogueAnswer<Draft> =
	| { readonly kind: "next"; readonly draft: Draft }
	| { readonly kind: "again"; readonly reply: Reply }
	| { readonly kind: "cancelled"; readonly reply: Reply };

/** One event played against a stored dialogue. `state` is the engine's own JSON, undefined before the first event. */
export type DialogueInput<Draft> = {
	readonly script: DialogueScript<Draft>;
	readonly state: unknown;
	readonly inbound: Inbound;
	/** The stored event body, for engines that read their platform's own shape. */
	readonly body: unknown;
};

export type DialogueOutput<Draft> = {
	readonly replies: readonly Reply[];
	/** Undefined: the dialogue is over. */
	readonly state: unknown;
	/** Present once all steps are answered. */
	readonly finished?: Draft;
};

/** Pure towards the world: says what to reply and what to store, sends and stores nothing. */
export type DialogueEngine = <Draft>(input: DialogueInput<Draft>) => Promise<DialogueOutput<Draft>>;
