import type { Agent } from "undici";

export type ChatQuestion = {
	readonly message: string;
	readonly conversation?: string;
	readonly policy?: string;
	/** Accept-Language. */
	readonly language?: string;
	/** Idempotency-Key. */
	readonly idempotencyKey?: string;
};

export type ChatAnswer = {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: ChatBody;
};

/** What /v1/chat says, well or not. */
export type ChatBody = {
	readonly id?: string;
	readonly message?: string;
	readonly usage?: Readonly<Record<string, number>>;
	readonly replies?: readonly { readonly markdown: string; readonly choices?: readonly string[] }[];
	readonly error?: Readonly<Record<string, unknown>>;
};

/** A stream while somebody reads it. */
export type ChatStream = {
	/** All that was received so far, as it came over the wire. */
	received(): string;
	leave(): void;
};

/** One POST /v1/chat on 127.0.0.1. */
export async function askOverHttp(
	agent: Agent,
	port: number,
	key: string,
	question: ChatQuestion | string,
): Promise<ChatAnswer> {
	const asked = typeof question === "string" ? { message: question } : question;
	const { statusCode, headers, body } = await agent.request(toRequest(port, key, asked));
	return { status: statusCode, headers, body: (await body.json()) as ChatBody };
}

/** Resolves with the head of the response. */
export async function openChatStream(
	agent: Agent,
	port: number,
	key: string,
	question: ChatQuestion,
): Promise<ChatStream> {
	const { body } = await agent.request(toRequest(port, key, question, "text/event-stream"));
	let text = "";
	body.on("data", (chunk: Buffer) => {
		text += chunk.toString();
	});
	body.on("error", () => undefined);
	return { received: () => text, leave: () => void body.destroy() };
}

function toRequest(
	port: number,
	key: string,
	{ language, idempotencyKey, ...rest }: ChatQuestion,
	accept = "application/json",
) {
	return {
		origin: `http://127.0.0.1:${port}`,
		path: "/v1/chat",
		method: "POST",
		headers: {
			accept,
			authorization: `Bearer ${key}`,
			"content-type": "application/json",
			...(language !== undefined && { "accept-language": language }),
			...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
		},
		body: JSON.stringify(rest),
	} as const;
}
