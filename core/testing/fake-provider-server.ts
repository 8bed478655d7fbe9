import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { FakeMessage } from "./fake-provider-message.ts";
import { toEvents, toWholeBody } from "./fake-provider-message.ts";
import { toWireFormat } from "./fake-provider-wire.ts";

/**
 * What the server does with one request. Default: says "hello" in two pieces with honest-looking usage. A request that says
 * `stream: false` gets "text" and "message" as one JSON object.
 */
export type FakeAnswer =
	| {
			readonly kind: "text";
			readonly pieces?: readonly string[];
			/** Milliseconds between pieces. */
			readonly gapMs?: number;
			/** Sent as it is, nonsense included; "none": not reported. */
			readonly usage?: { readonly input: unknown; readonly output: unknown } | "none";
			/** In the dialect's own words; "none": not said. */
			readonly finishReason?: string;
			/** False: the closing event is left out. */
			readonly terminator?: boolean;
			/** After this many pieces: cut the socket, end in good order, say an error, or say nothing more. */
			readonly after?: {
				readonly pieces: number;
				readonly follow: Follow;
			};
	  }
	| FakeMessage
	| {
			readonly kind: "status";
			readonly status: number;
			readonly headers?: Readonly<Record<string, string>>;
			readonly body?: string;
	  }
	/** Writes whatever it likes. */
	| {
			readonly kind: "raw";
			write(response: ServerResponse, request: IncomingMessage): void | Promise<void>;
	  }
	/** Accepts the request and never answers. */
	| { readonly kind: "hang" }
	/** Drops the connection before an answer. */
	| { readonly kind: "drop" };

type Follow = "cut" | "end" | "error" | "hang" | "garbage";
type FakeText = FakeAnswer & { readonly kind: "text" };

export type FakeRequest = {
	readonly path: string;
	readonly headers: IncomingMessage["headers"];
	readonly body: Record<string, unknown>;
};

export type FakeProviderServer = {
	/** Without a path, as a provider's base URL is configured for the openai dialect ("/v1" included) or anthropic. */
	baseUrl(dialect: "openai" | "anthropic"): string;
	readonly port: number;
	/** Connections ever accepted. */
	connectionCount(): number;
	openConnectionCount(): number;
	readonly requests: readonly FakeRequest[];
	/** Answers the following requests, one each; then `answerAlways` again. */
	answerNext(...answers: readonly FakeAnswer[]): void;
	answerAlways(answer: FakeAnswer | ((request: FakeRequest) => FakeAnswer)): void;
	close(): Promise<void>;
};

const HELLO: FakeAnswer = { kind: "text", pieces: ["hel", "lo"], usage: { input: 20, output: 2 } };

/** A model vendor on 127.0.0.1 that speaks both dialects over real HTTP and does what the test asks of it. */
export async function createFakeProviderServer(
	options: { readonly tls?: { readonly key: string; readonly cert: string } } = {},
): Promise<FakeProviderServer> {
	const requests: FakeRequest[] = [];
	const sockets = new Set<Socket>();
	let connections = 0;
	let queued: FakeAnswer[] = [];
	let always: (request: FakeRequest) => FakeAnswer = () => HELLO;

	const listener = (request: IncomingMessage, response: ServerResponse): void => {
		void handle(request, response).catch(() => response.destroy());
	};
	const server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
	server.on("connection", (socket: Socket) => {
		connections += 1;
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
		socket.on("error", () => undefined);
	});

	async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const body = parse((await readAll(request)) || "{}");
		if (body === undefined) {
			// As every vendor does.
			await give({ kind: "status", status: 400 }, request, response, NO_REQUEST);
			return;
		}
		const seen: FakeRequest = { path: request.url ?? "", headers: request.headers, body };
		requests.push(seen);
		const answer = queued.shift() ?? always(seen);
		await give(answer, request, response, seen);
	}

	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	const origin = `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}`;
	return {
		port,
		requests,
		baseUrl: (dialect) => (dialect === "openai" ? `${origin}/v1` : origin),
		connectionCount: () => connections,
		openConnectionCount: () => sockets.size,
		answerNext(...answers) {
			queued = [...queued, ...answers];
		},
		answerAlways(answer) {
			always = typeof answer === "function" ? answer : () => answer;
		},
		async close() {
			for (const socket of sockets) socket.destroy();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
}

const NO_REQUEST: FakeRequest = { path: "", headers: {}, body: {} };

function parse(text: string): Record<string, unknown> | undefined {
	try {
		return JSON.parse(text) as Record<string, unknown>;
	} catch {
		return undefined;
	}
}

/** By events: an iterator costs more than all else of a small call. */
async function readAll(request: IncomingMessage): Promise<string> {
	return await new Promise<string>((resolve, reject) => {
		const parts: Buffer[] = [];
		request.on("data", (part: Buffer) => parts.push(part));
		request.on("end", () => resolve(Buffer.concat(parts).toString("utf8")));
		request.on("error", reject);
	});
}

async function give(
	answer: FakeAnswer,
	request: IncomingMessage,
	response: ServerResponse,
	{ path, body }: FakeRequest,
): Promise<void> {
	const isWhole = body["stream"] === false || path.endsWith("/embeddings");
	switch (answer.kind) {
		case "hang":
			return;
		case "drop":
			request.socket.destroy();
			return;
		case "status":
			response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
			response.end(answer.body ?? JSON.stringify({ error: { message: `scripted ${answer.status}` } }));
			return;
		case "raw":
			await answer.write(response, request);
			return;
		case "message":
			if (isWhole) giveWhole(toWholeBody(path, answer), "whole", response);
			else response.writeHead(200, { "content-type": EVENTS }).end(toEvents(path, answer));
			return;
		case "text":
			if (isWhole) giveWhole(toWholeBody(path, toMessage(answer)), answer.after?.follow ?? "whole", response);
			else await giveText(answer, response, path);
	}
}

const EVENTS = "text/event-stream; charset=utf-8";

function toMessage({ pieces = ["hel", "lo"], usage, finishReason }: FakeText): FakeMessage {
	return {
		kind: "message",
		text: pieces.join(""),
		...(usage !== undefined && { usage }),
		...(finishReason !== undefined && { finishReason }),
	};
}

/** What breaks a stream in the middle breaks a whole answer there too. */
function giveWhole(body: string, follow: Follow | "whole", response: ServerResponse): void {
	const half = body.slice(0, body.length / 2);
	const error = JSON.stringify({ error: { message: "scripted failure", type: "server_error" } });
	response.writeHead(200, { "content-type": "application/json" });
	if (follow === "whole") response.end(body);
	else if (follow === "end") response.end(half);
	else if (follow === "error") response.end(error);
	else if (follow === "garbage") response.end("<html>oops</html>");
	else if (follow === "hang") response.write(half);
	else response.write(half, () => response.destroy());
}

async function giveText(answer: FakeText, response: ServerResponse, path: string): Promise<void> {
	const wire = toWireFormat(path, answer.usage ?? { input: 20, output: 2 });
	const pieces = answer.pieces ?? ["hel", "lo"];
	response.writeHead(200, { "content-type": EVENTS });
	response.write(wire.begin());
	for (const [index, piece] of pieces.entries()) {
		if (answer.after?.pieces === index) break;
		if (response.destroyed) return;
		response.write(wire.piece(piece));
		if (answer.gapMs !== undefined) await sleep(answer.gapMs);
	}
	switch (answer.after?.follow) {
		case "cut":
			// Lets the pieces out first.
			await sleep(20);
			response.destroy();
			return;
		case "hang":
			return;
		case "end":
			response.end();
			return;
		case "error":
			response.end(wire.error("scripted failure"));
			return;
		case "garbage":
			response.end("data: <html>oops</html>\n\n");
			return;
		case undefined:
			response.end(wire.end(answer.finishReason, answer.terminator ?? true));
	}
}
