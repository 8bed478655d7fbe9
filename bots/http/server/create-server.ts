import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { Duplex } from "node:stream";
import type { AppError } from "../../../core/errors.ts";
import { httpProblem } from "../http-problem.ts";
import type { IngressLimits } from "./limits.ts";
import { toRawAnswer, toRawBytes } from "./raw-answer.ts";
import type { RequestTracker } from "./track-requests.ts";

export type HardenedServerOptions = {
	readonly limits: IngressLimits;
	readonly tracker: RequestTracker;
	readonly supportUrl: string | undefined;
	readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void;
};

/** node:http with every limit set, and an answer in our own form for what Node itself refuses (400, 408, 431). */
export function createHardenedServer({
	limits,
	tracker,
	supportUrl,
	onRequest,
}: HardenedServerOptions): Server {
	const server = createServer(
		{
			headersTimeout: limits.headersTimeoutMs,
			requestTimeout: limits.requestTimeoutMs,
			keepAliveTimeout: limits.keepAliveTimeoutMs,
			connectionsCheckingInterval: limits.timeoutCheckMs,
			maxHeaderSize: limits.headerBytesMax,
		},
		(request, response) => {
			tracker.add(request, response);
			const refusal = findRefusal(request, limits);
			if (refusal === undefined) onRequest(request, response);
			else answerRaw(response, refusal, supportUrl);
		},
	);
	server.maxConnections = limits.connectionsMax;
	// Node drops fields over its own count without a word; we want to see the flood and refuse it.
	server.maxHeadersCount = 0;
	const refused = new WeakSet<Duplex>();
	server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
		// What a flood still sends after its refusal fails to parse again; a reset now could swallow the answer.
		if (refused.has(socket)) return;
		refused.add(socket);
		refuseBrokenRequest(error, socket, tracker.current(socket), supportUrl);
	});
	return server;
}

/** Answers and closes: what came was not worth keeping the connection for. */
export function answerRaw(response: ServerResponse, error: AppError, supportUrl: string | undefined): void {
	const answer = toRawAnswer(error, supportUrl);
	response.writeHead(answer.status, answer.headers);
	response.end(answer.body);
}

function findRefusal(request: IncomingMessage, limits: IngressLimits): AppError | undefined {
	if (request.rawHeaders.length > limits.headersMax * 2) return httpProblem("headers-too-large");
	// Absolute-form and "*" targets are for proxies; we are none.
	if (request.url?.startsWith("/") !== true) return httpProblem("bad-request");
	// Node's parser still lets HTTP/0.9 in, and takes the first of two hosts where a proxy may take the other.
	if (request.httpVersionMajor !== 1 || countHosts(request.rawHeaders) > 1) return httpProblem("bad-request");
	return undefined;
}

/** rawHeaders: names and values in turn. */
function countHosts(rawHeaders: readonly string[]): number {
	let hosts = 0;
	for (let at = 0; at < rawHeaders.length; at += 2) {
		const name = rawHeaders[at];
		if (name?.length === HOST.length && name.toLowerCase() === HOST) hosts += 1;
	}
	return hosts;
}

const HOST = "host";

function refuseBrokenRequest(
	error: NodeJS.ErrnoException,
	socket: Duplex,
	response: ServerResponse | undefined,
	supportUrl: string | undefined,
): void {
	const isAnswering = response?.headersSent === true && !response.writableFinished;
	if (error.code === "ECONNRESET" || !socket.writable || isAnswering) {
		socket.destroy();
		return;
	}
	socket.end(toRawBytes(toRawAnswer(toProblem(error), supportUrl)));
	setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** How long a refused socket may stay, so that its client can read why. */
const LINGER_MS = 500;

function toProblem(error: NodeJS.ErrnoException): AppError {
	if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") return httpProblem("body-too-slow", {}, error);
	if (error.code === "HPE_HEADER_OVERFLOW") return httpProblem("headers-too-large", {}, error);
	return httpProblem("bad-request", {}, error);
}
