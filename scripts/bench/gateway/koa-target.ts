import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import Koa from "koa";
import { Agent } from "undici";
import { serve } from "../pipeline/serve.ts";

/**
 * The floor: what Koa and undici alone cost to carry a request on and its answer back, nothing parsed, nobody asked for a key.
 * Answers with a length are buffered, streams are piped. Not for use: it does not survive a caller who leaves.
 */
async function start({ origin }: { readonly origin: string }): Promise<{ port: number }> {
	const agent = new Agent({ pipelining: 1 });
	const app = new Koa();
	app.use(async function pass(ctx) {
		const answer = await agent.request({
			origin,
			path: ctx.path,
			method: "POST",
			headers: { "content-type": "application/json" },
			body: await readBody(ctx.req),
		});
		ctx.status = answer.statusCode;
		ctx.type = String(answer.headers["content-type"]);
		const hasLength = answer.headers["content-length"] !== undefined;
		ctx.body = hasLength ? Buffer.from(await answer.body.arrayBuffer()) : answer.body;
	});
	const server = createServer(app.callback());
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return { port: (server.address() as AddressInfo).port };
}

async function readBody(request: Readable): Promise<Buffer> {
	return await new Promise((resolve, reject) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => resolve(Buffer.concat(chunks)));
		request.on("error", reject);
	});
}

serve({ start });
