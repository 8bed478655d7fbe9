import type { Finish, Usage } from "../types.ts";

/** What a provider's stream says, whatever its dialect. */
export type Piece =
	/** What was known before the first word. */
	| { readonly kind: "start"; readonly usage: Usage | undefined }
	| { readonly kind: "text" | "refusal" | "thinking"; readonly text: string }
	/** A call begins; `key` tells it from its neighbours. */
	| { readonly kind: "tool"; readonly key: string; readonly id: string; readonly name: string }
	| { readonly kind: "arguments"; readonly key: string; readonly text: string }
	| { readonly kind: "finish"; readonly finish: Finish; readonly stopSequence: string | undefined }
	/** The sums so far; the last one counts. Undefined: what was said before turned out to be nonsense. */
	| { readonly kind: "usage"; readonly usage: Usage | undefined }
	/** The provider's own failure; `type` is its word for it. */
	| { readonly kind: "error"; readonly type: string; readonly message: string }
	/** Nothing comes after this. */
	| { readonly kind: "done" };

/** The pieces of one event's data. Never throws: what is no event of the dialect says so as an error. */
export type PieceReader = (data: string) => readonly Piece[];
