import type { Surface } from "../../../core/dialects/types.ts";

export const SURFACES: readonly Surface[] = ["openai", "anthropic", "responses"];

export const PATHS: Readonly<Record<Surface, string>> = {
	openai: "/v1/chat/completions",
	anthropic: "/v1/messages",
	responses: "/v1/responses",
};

/** The least a surface takes, with more of the test's own. */
export function toBody(surface: Surface, model: string, more: object = {}): Record<string, unknown> {
	const messages = [{ role: "user", content: "Tell me a story." }];
	if (surface === "responses") return { model, input: "Tell me a story.", ...more };
	if (surface === "anthropic") return { model, max_tokens: 200, messages, ...more };
	return { model, messages, stream_options: { include_usage: true }, ...more };
}

export type RawAnswer = {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
};

/** One POST as it is, without a package in between. */
export async function post(
	origin: string,
	path: string,
	options: {
		readonly key?: string;
		readonly body: unknown;
		readonly headers?: Readonly<Record<string, string>>;
		readonly signal?: AbortSignal;
	},
): Promise<RawAnswer> {
	const { signal = null } = options;
	const response = await fetch(`${origin}${path}`, { ...toInit(options), signal });
	const bytes = Buffer.from(await response.arrayBuffer());
	return { status: response.status, headers: response.headers, text: bytes.toString("utf8") };
}

export type OpenStream = {
	readonly status: number;
	received(): string;
	leave(): void;
	/** Resolves when the far end has said all, or was cut. */
	readonly ended: Promise<void>;
};

/** Resolves with the head; what follows is collected. */
export async function openStream(
	origin: string,
	path: string,
	options: { readonly key: string; readonly body: unknown },
): Promise<OpenStream> {
	const controller = new AbortController();
	const response = await fetch(`${origin}${path}`, { ...toInit(options), signal: controller.signal });
	const decoder = new TextDecoder();
	let text = "";
	const read = async (): Promise<void> => {
		for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
	};
	return {
		status: response.status,
		received: () => text,
		leave: () => controller.abort(),
		ended: read().catch(() => undefined),
	};
}

function toInit({
	key,
	body,
	headers = {},
}: {
	readonly key?: string;
	readonly body: unknown;
	readonly headers?: Readonly<Record<string, string>>;
}) {
	return {
		method: "POST",
		headers: {
			...(key !== undefined && { authorization: `Bearer ${key}` }),
			"content-type": "application/json",
			...headers,
		},
		body: typeof body === "string" ? body : JSON.stringify(body),
	};
}
