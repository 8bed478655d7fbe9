/** What providers speak. */
export type Dialect = "openai" | "anthropic";

/** What callers speak; `responses` is the part of OpenAI's Responses API that needs no memory of ours. */
export type Surface = Dialect | "responses";

export type JsonObject = Readonly<Record<string, unknown>>;

export type AnswerContext = {
	/** The name the caller asked for; what he reads back. */
	readonly model: string;
	/** Of the request; each surface puts its own prefix before it. */
	readonly id: string;
	/** As the caller sent it. */
	readonly request: JsonObject;
	readonly nowSeconds: number;
};

/** A failure of ours, told in the surface's own shape. */
export type DialectError = {
	readonly status: number;
	/** Our code, such as BILLING_QUOTA_EXCEEDED. */
	readonly code: string;
	readonly message: string;
	readonly requestId: string;
};

/** Bytes of a provider's event stream in, text of the caller's out; however the input is cut, the sum is the same. */
export type StreamTranslator = {
	push(chunk: Uint8Array): string;
	/** The far end closed. A stream that never said it was finished ends in the surface's error event, not as if complete. */
	end(): string;
	/** Our own failure in mid-stream; whatever comes after it is dropped. */
	fail(error: DialectError): string;
};

/** Tokens as the provider counted them; `inputTokens` is everything that went in, cached parts included. */
export type Usage = {
	readonly inputTokens: number;
	readonly outputTokens: number;
	readonly cacheReadTokens: number;
	readonly cacheWriteTokens: number;
	/** Part of the output. */
	readonly reasoningTokens: number;
};

export type Finish = "stop" | "length" | "tool" | "content-filter" | "other";

/** What an answer says about itself, for charging. */
export type Reading = {
	/** Undefined when absent or nonsense: each number is whole, not negative and below 2^31. */
	readonly usage: Usage | undefined;
	readonly finish: Finish | undefined;
	/** Delivered text, tool arguments and reasoning, to be counted when the usage is missing. */
	readonly text: string;
	/** A failure the provider reported under a status of success; for logs, it may name what it should not. */
	readonly errorInBody: string | undefined;
};

export type StreamReading = Omit<Reading, "text"> & {
	/** Bytes (UTF-8) of text, tool arguments and reasoning that passed by. */
	readonly textBytes: number;
	readonly events: number;
};

/** Reads a stream as it passes by, without keeping or rewriting it. */
export type StreamReader = {
	push(chunk: Uint8Array): void;
	end(): void;
	reading(): StreamReading;
	/** The end was announced: [DONE], message_stop or a finish reason. */
	isFinished(): boolean;
	/** Something a person would call an answer has passed. */
	hasContent(): boolean;
};
