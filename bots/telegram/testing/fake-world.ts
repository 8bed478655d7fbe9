import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent } from "undici";
import type { FakeBot, FakeTelegram } from "./fake-telegram.ts";
import { startFakeTelegram } from "./fake-telegram.ts";

export type FakeAnswer = {
	readonly ok?: boolean;
	readonly result?: Readonly<Record<string, unknown>>;
	readonly error_code?: number;
	readonly description?: string;
	readonly parameters?: Readonly<Record<string, number>>;
};

/** A fake with one bot, and the plainest of clients to call it with. */
export type FakeWorld = {
	readonly telegram: FakeTelegram;
	readonly bot: FakeBot;
	readonly agent: Agent;
	call(method: string, payload?: object, token?: string): Promise<FakeAnswer>;
	poll(payload?: object): Promise<readonly Readonly<Record<string, unknown>>[]>;
	close(): Promise<void>;
};

export async function startFakeWorld(): Promise<FakeWorld> {
	const telegram = await startFakeTelegram({ seed: 7 });
	const bot = telegram.addBot({ username: "rock_bot" });
	const agent = new Agent();

	async function call(method: string, payload: object = {}, token = bot.token): Promise<FakeAnswer> {
		const { body } = await agent.request({
			origin: telegram.url,
			path: `/bot${token}/${method}`,
			method: "POST",
			headers: { "content-type": "application/json" },
			body: JSON.stringify(payload),
		});
		return (await body.json()) as FakeAnswer;
	}

	return {
		telegram,
		bot,
		agent,
		call,
		poll: async (payload = {}) =>
			(await call("getUpdates", payload)).result as unknown as readonly Readonly<Record<string, unknown>>[],
		async close() {
			await agent.destroy();
			await telegram.close();
		},
	};
}

/** A webhook receiver that answers what `statusOf` says. */
export async function listenForUpdates(statusOf: (updateId: number) => number) {
	const seen: { readonly updateId: number; readonly secret: string | undefined }[] = [];
	const http = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const { update_id } = JSON.parse(Buffer.concat(chunks).toString()) as { update_id: number };
			const secret = request.headers["x-telegram-bot-api-secret-token"];
			seen.push({ updateId: update_id, secret: secret === undefined ? undefined : String(secret) });
			response.writeHead(statusOf(update_id)).end();
		});
	});
	await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
	return {
		seen,
		url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/hook`,
		close: async () => {
			http.closeAllConnections();
			await new Promise((resolve) => http.close(resolve));
		},
	};
}
