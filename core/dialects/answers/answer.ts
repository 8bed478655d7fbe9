import type { TextKind } from "../streams/blocks.ts";
import type { Finish, Usage } from "../types.ts";

/** A whole answer, whatever its dialect. */
export type Answer = {
	readonly blocks: readonly AnswerBlock[];
	readonly finish: Finish | undefined;
	readonly stopSequence: string | undefined;
	readonly usage: Usage | undefined;
};

export type AnswerBlock =
	| { readonly kind: TextKind; readonly text: string }
	/** `text`: the arguments as they were written. */
	| { readonly kind: "tool"; readonly id: string; readonly name: string; readonly text: string };
