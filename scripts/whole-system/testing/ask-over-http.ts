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

/** One POST /v1/chat on 127.0.0.1. */
export async function askOverHttp(
	agent: Agent,
	port: number,
	key: string,
	question: ChatQuestion | string,
): Promise<ChatAnswer> {
	const { language, idempotencyKey, ...rest } =
		typeof question === "string" ? { message: question } : question;
	const { statusCode, headers, body } = await agent.request({
		origin: `http://127.0.0.1:${port}`,
		path: "/v1/chat",
		method: "POST",
		headers: {
			authorization: `Bearer ${key}`,
			"content-type": "application/json",
			...(language !== undefined && { "accept-language": language }),
			...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
		},
		body: JSON.stringify(rest),
	});
	return { status: statusCode, headers, body: (await body.json()) as ChatBody };
}
