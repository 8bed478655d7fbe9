import type { Agent } from "undici";

export type ChatEvent = { readonly event: string; readonly data: Readonly<Record<string, unknown>> };

export type ChatStream = {
	readonly status: number;
	readonly events: AsyncIterableIterator<ChatEvent>;
	/** Closes the connection, as a caller does who has heard enough. */
	leave(): void;
};

/** POST /v1/chat as a stream. Comments are left out. */
export async function openChatStream(
	agent: Agent,
	url: string,
	key: string,
	question: { readonly message: string; readonly idempotencyKey?: string },
): Promise<ChatStream> {
	const { idempotencyKey, message } = question;
	const leaving = new AbortController();
	const { statusCode, body } = await agent.request({
		origin: url,
		path: "/v1/chat",
		method: "POST",
		signal: leaving.signal,
		headers: {
			authorization: `Bearer ${key}`,
			"content-type": "application/json",
			accept: "text/event-stream",
			...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
		},
		body: JSON.stringify({ message }),
	});
	// Leaving is no failure of the test.
	body.on("error", () => undefined);
	return { status: statusCode, events: readEvents(body), leave: () => leaving.abort() };
}

async function* readEvents(body: AsyncIterable<Buffer>): AsyncIterableIterator<ChatEvent> {
	let rest = "";
	for await (const chunk of body) {
		const blocks = `${rest}${chunk.toString()}`.split("\n\n");
		rest = blocks.pop() ?? "";
		for (const block of blocks) {
			const event = /^event: (.+)$/m.exec(block)?.[1];
			const data = /^data: (.+)$/m.exec(block)?.[1];
			if (event !== undefined && data !== undefined)
				yield { event, data: JSON.parse(data) as ChatEvent["data"] };
		}
	}
}
