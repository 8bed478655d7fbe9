/** What was said in a lane between one account and the model. Nobody else's words in the same chat are in it. */
export type HistoryKey = {
	readonly lane: string;
	readonly accountId: string;
	/** Messages up to this id are forgotten (`AccountContext.conversationStartsAfter`). */
	readonly startsAfter: string;
	/** Budget of the whole history. */
	readonly tokensMax: number;
};

export type HistoryMessage = {
	readonly role: "user" | "assistant";
	readonly content: string;
	readonly tokens: number;
};
