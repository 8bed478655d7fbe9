import type { IncomingMessage } from "node:http";
import { Agent } from "node:http";
import { addAbortSignal } from "node:stream";
import Docker from "dockerode";
import { toAway } from "./away.ts";
import { EngineRefusal } from "./engine-refusal.ts";
import { readBody } from "./read-body.ts";

export type EngineOptions = {
	/** Of Docker or Podman. */
	readonly socketPath: string;
	/** Until the answer to a question is here, and the answer to an order. */
	readonly answerMs?: number;
	readonly orderMs?: number;
};

/** What dockerode asks of its modem, as far as we look at it. */
type Call = {
	readonly method: string;
	readonly isStream?: boolean;
	readonly abortSignal?: AbortSignal;
	readonly statusCodes: Readonly<Record<number, unknown>>;
};
type Done = (error: unknown, result: unknown) => void;
type Dial = (call: Call, done: Done) => void;

const ANSWER_MS = 8_000;
/** Shorter than an action of the reconciler may take. */
const ORDER_MS = 25_000;
const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
/** Podman fails over a process that ended while it was looked at, and over a line that is only half written. */
const QUESTIONS_MAX = 3;
const PAUSE_MS = 100;
const REFUSAL_BYTES_MAX = 64 * 1024;
/** The modem hands every answer over: which of them are good is for us to say. */
const EVERY_STATUS: Readonly<Record<number, unknown>> = new Proxy({}, { get: () => true });

/**
 * The API of Docker or Podman, over its socket. dockerode alone would wait for ever and read without end: all its calls go
 * through one function, which is replaced by one that does neither.
 *
 * @throws (all calls) AppError INTERNAL, details.cause "runtime-away" where nobody answers in time; EngineRefusal
 */
export function connectEngine(options: EngineOptions): Docker {
	const { socketPath, answerMs = ANSWER_MS, orderMs = ORDER_MS } = options;
	// Named, so that DOCKER_HOST does not lead elsewhere. A connection that was kept would be a dead one after a restart.
	const place = { socketPath, host: undefined, agent: new Agent({ keepAlive: false }) };
	const docker = new Docker(place);
	const modem = docker.modem as unknown as { dial: Dial };
	const dial = modem.dial.bind(modem);
	modem.dial = (call, done) => {
		const limitMs = call.method === "GET" ? answerMs : orderMs;
		ask(dial, call, limitMs).then(
			(result) => done(null, result),
			(error: unknown) => done(error, null),
		);
	};
	return docker;
}

async function ask(dial: Dial, call: Call, limitMs: number): Promise<unknown> {
	const cut = new AbortController();
	const timer = setTimeout(() => cut.abort(), limitMs);
	try {
		for (let asked = 1; ; asked += 1) {
			try {
				return await askOnce(dial, call, cut.signal);
			} catch (error) {
				const isFault = error instanceof EngineRefusal && error.status >= 500;
				// What an order did before it failed nobody knows.
				if (!isFault || call.method !== "GET" || asked >= QUESTIONS_MAX || cut.signal.aborted) throw error;
			}
			await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
		}
	} finally {
		clearTimeout(timer);
	}
}

async function askOnce(dial: Dial, call: Call, cut: AbortSignal): Promise<unknown> {
	const { abortSignal } = call;
	const signal = abortSignal === undefined ? cut : AbortSignal.any([cut, abortSignal]);
	const response = await reach(dial, { ...call, abortSignal: signal });
	const status = response.statusCode ?? 0;
	const isGood = call.statusCodes[status] === true;
	if (isGood && call.isStream === true) return response;
	addAbortSignal(cut, response);
	const bytesMax = isGood ? ANSWER_BYTES_MAX : REFUSAL_BYTES_MAX;
	const text = (await readBody(response, bytesMax)).toString("utf8");
	if (isGood) return parse(text);
	throw new EngineRefusal(status, text);
}

async function reach(dial: Dial, call: Call): Promise<IncomingMessage> {
	return await new Promise((resolve, reject) => {
		dial({ ...call, isStream: true, statusCodes: EVERY_STATUS }, (error, response) => {
			if (error === null) resolve(response as IncomingMessage);
			else reject(toAway(error));
		});
	});
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return text;
	}
}
