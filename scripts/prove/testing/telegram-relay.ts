import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent } from "undici";

/** What one node asked of Telegram: a door of its own in front of it. */
export type TelegramRelay = {
	/** Its TELEGRAM_API_ROOT. */
	readonly url: string;
	/** Methods in the order they arrived. */
	readonly methods: readonly string[];
	close(): Promise<void>;
};

const UPSTREAM_MS = 60_000;

export async function startTelegramRelay(apiRoot: string): Promise<TelegramRelay> {
	const agent = new Agent({ headersTimeout: UPSTREAM_MS, bodyTimeout: UPSTREAM_MS });
	const methods: string[] = [];
	const server = createServer((request, response) => {
		const path = request.url ?? "/";
		const chunks: Buffer[] = [];
		const forward = async (): Promise<void> => {
			const answer = await agent.request({
				origin: apiRoot,
				path,
				method: request.method === "GET" ? "GET" : "POST",
				headers: { "content-type": request.headers["content-type"] ?? "application/json" },
				body: Buffer.concat(chunks),
			});
			const body = Buffer.from(await answer.body.arrayBuffer());
			const type = String(answer.headers["content-type"] ?? "application/json");
			response.writeHead(answer.statusCode, { "content-type": type, "content-length": body.length });
			response.end(body);
		};
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("error", () => undefined);
		request.on("end", () => {
			methods.push(path.slice(path.lastIndexOf("/") + 1));
			// What was dropped behind us is dropped before us.
			void forward().catch(() => request.socket.destroy());
		});
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		methods,
		async close() {
			server.closeAllConnections();
			server.close();
			await once(server, "close");
			await agent.destroy();
		},
	};
}
