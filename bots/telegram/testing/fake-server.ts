import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { FakeApiError } from "./fake-error.ts";
import type { FakeBotEntry, FakeMethodDeps } from "./fake-method-call.ts";
import { callFakeMethod } from "./fake-method-call.ts";

/** refuse: connections die at once. bad-gateway: a proxy answers in its place. */
export type FakeOutage = "refuse" | "bad-gateway";

/** One call as it ended; `status` undefined: the connection was dropped. */
export type FakeCallRecord = {
	readonly botId: number;
	readonly method: string;
	readonly chatId: number | undefined;
	readonly status: number | undefined;
};

type FakeServerOptions = FakeMethodDeps & {
	readonly findBot: (token: string) => FakeBotEntry | undefined;
	readonly port: number;
	readonly onCall: (record: FakeCallRecord) => void;
};

/** The HTTP side: finds bot and method, answers in the Bot API's form. */
export class FakeServer {
	outage: FakeOutage | undefined;
	readonly #options: FakeServerOptions;
	readonly #sockets = new Set<Socket>();
	readonly #http: Server;

	constructor(options: FakeServerOptions) {
		this.#options = options;
		this.#http = createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
			void this.#serve(request, response).catch(() => response.destroy());
		});
		this.#http.on("connection", (socket) => this.#greet(socket));
	}

	/** @returns the root of the API */
	async listen(): Promise<string> {
		this.#http.listen(this.#options.port, "127.0.0.1");
		await once(this.#http, "listening");
		return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
	}

	async close(): Promise<void> {
		this.#http.close();
		for (const socket of this.#sockets) socket.destroy();
		await once(this.#http, "close");
	}

	#greet(socket: Socket): void {
		socket.on("error", () => {});
		if (this.outage === "refuse") {
			socket.destroy();
			return;
		}
		socket.setNoDelay(true);
		this.#sockets.add(socket);
		socket.on("close", () => this.#sockets.delete(socket));
	}

	async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const body = await readAll(request);
		if (this.outage === "refuse") request.socket.destroy();
		else if (this.outage === "bad-gateway") send(response, badGateway(502));
		else await this.#route(request, response, body);
	}

	async #route(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
		const [path = "", query = ""] = (request.url ?? "").split("?", 2);
		const match = /^\/(file\/)?bot(\d+:[\w-]+)\/(.+)$/.exec(path);
		if (match === null) return send(response, failure(new FakeApiError(404, "Not Found")));
		const entry = this.#options.findBot(match[2] ?? "");
		if (entry === undefined) return send(response, failure(new FakeApiError(401, "Unauthorized")));
		const name = match[3] ?? "";
		if (match[1] !== undefined) return sendFile(response, entry, name);
		const signal = name === "getUpdates" ? hangUpSignal(response) : NEVER;
		const contentType = request.headers["content-type"] ?? "";
		const done = await callFakeMethod(this.#options, entry, name, { contentType, query, body, signal });
		const { outcome, chatId } = done;
		const answer = toAnswer(outcome);
		this.#options.onCall({ botId: entry.state.me.id, method: name, chatId, status: answer?.status });
		if (answer === undefined) request.socket.destroy();
		else send(response, answer);
	}
}

type Answer = { readonly status: number; readonly body: string; readonly html?: boolean };

const NEVER = new AbortController().signal;

function toAnswer(outcome: Awaited<ReturnType<typeof callFakeMethod>>["outcome"]): Answer | undefined {
	switch (outcome.kind) {
		case "ok":
			return { status: 200, body: JSON.stringify({ ok: true, result: outcome.result }) };
		case "dropped":
			return undefined;
		case "html":
			return badGateway(outcome.status);
		case "failed":
			return failure(outcome.error);
	}
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
	// By events: an iterator costs more than all else of a small call.
	return await new Promise<Buffer>((resolve, reject) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => resolve(Buffer.concat(chunks)));
		request.on("error", reject);
	});
}

function hangUpSignal(response: ServerResponse): AbortSignal {
	const controller = new AbortController();
	response.on("close", () => controller.abort());
	return controller.signal;
}

function failure(error: FakeApiError): Answer {
	const { status, message, parameters } = error;
	const body = { ok: false, error_code: status, description: message, ...(parameters && { parameters }) };
	return { status, body: JSON.stringify(body) };
}

function badGateway(status: number): Answer {
	return { status, body: `<html><body><h1>${status} Bad Gateway</h1></body></html>`, html: true };
}

function send(response: ServerResponse, answer: Answer): void {
	if (response.destroyed) return;
	response.writeHead(answer.status, {
		"content-type": answer.html ? "text/html" : "application/json",
		"content-length": Buffer.byteLength(answer.body),
	});
	response.end(answer.body);
}

function sendFile(response: ServerResponse, entry: FakeBotEntry, path: string): void {
	const content = entry.state.files.get(path.replace(/^files\//, ""));
	if (content === undefined) {
		send(response, failure(new FakeApiError(404, "Not Found")));
		return;
	}
	response.writeHead(200, {
		"content-type": "application/octet-stream",
		"content-length": content.length,
	});
	response.end(content);
}
