import { Client } from "undici";
import type { Ingress, IngressOptions } from "../create-ingress.ts";
import { createIngress } from "../create-ingress.ts";
import type { HttpLog } from "../http-log.ts";
import type { FakeCore } from "./fake-core.ts";
import { createFakeCore, GOOD_KEY } from "./fake-core.ts";

export type LogLine = { readonly level: keyof HttpLog; readonly fields: unknown; readonly message: string };

export type TestIngress = {
	readonly core: FakeCore;
	readonly port: number;
	readonly origin: string;
	readonly client: Client;
	readonly lines: readonly LogLine[];
	readonly ingress: Pick<Ingress, "listenAlso">;
	post(body: unknown, headers?: Readonly<Record<string, string>>): Promise<TestAnswer>;
	get(path: string): Promise<TestAnswer>;
	stop(): Promise<void>;
	close(): Promise<void>;
};

export type TestAnswer = {
	readonly status: number;
	readonly headers: Readonly<Record<string, unknown>>;
	readonly text: string;
	/** Undefined when the text is no JSON. */
	readonly json: unknown;
};

/** A real listener on a free port of 127.0.0.1 over a fake core. */
export async function startTestIngress(options: Partial<IngressOptions> = {}): Promise<TestIngress> {
	const core = createFakeCore();
	const lines: LogLine[] = [];
	const at = (level: keyof HttpLog) => (fields: unknown, message: string) => {
		lines.push({ level, fields, message });
	};
	const log: HttpLog = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
	const ingress = createIngress({
		core,
		log,
		host: "127.0.0.1",
		port: 0,
		supportUrl: "https://help.example",
		...options,
	});
	const { port } = await ingress.listen();
	const origin = `http://127.0.0.1:${port}`;
	const client = new Client(origin, { pipelining: 1 });

	async function request(path: string, init: Parameters<Client["request"]>[0] | object): Promise<TestAnswer> {
		const answer = await client.request({ path, method: "GET", ...init });
		const text = await answer.body.text();
		return { status: answer.statusCode, headers: answer.headers, text, json: toJson(text) };
	}

	return {
		ingress,
		core,
		port,
		origin,
		client,
		lines,
		post: async (body, headers = {}) =>
			await request("/v1/chat", {
				method: "POST",
				headers: { authorization: `Bearer ${GOOD_KEY}`, "content-type": "application/json", ...headers },
				body: typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body),
			}),
		get: async (path) => await request(path, {}),
		stop: async () => await ingress.stop(),
		async close() {
			await client.destroy();
			await ingress.stop();
		},
	};
}

function toJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
