import { hash } from "node:crypto";
import { AppError } from "../errors.ts";
import type { GatewayHead, GatewayRequest, GatewaySink } from "./gateway.ts";
import type { KeyGrant } from "./key-grant.ts";
import type { BeginOutcome, OpenRequest } from "./keys/idempotency.ts";

/** How requests with an Idempotency-Key are remembered. */
export type RequestBook = {
	begin(
		grant: KeyGrant,
		request: { readonly idempotencyKey: string; readonly bodyHash: Buffer },
	): Promise<BeginOutcome>;
	finish(
		request: OpenRequest,
		answer: {
			readonly status: number;
			readonly contentType: string | undefined;
			readonly body: Buffer | undefined;
		},
	): Promise<unknown>;
	abandon(request: OpenRequest): Promise<void>;
	/** What we survive: the key stays "running" until its time is over. */
	onTrouble(message: string, error: unknown): void;
};

/** True: the answer came to its end. */
export type Execute = (sink: GatewaySink) => Promise<boolean>;

const KEPT_BYTES_MAX = 1_048_576;
const RUNNING_RETRY_MS = 2_000;
/** Source: RFC draft "The Idempotency-Key HTTP Header Field"; visible ASCII, as /v1/chat takes it. */
const KEY_FORM = /^[\x21-\x7e]{1,255}$/;

/**
 * Executes a request that has an Idempotency-Key until it is answered, and then never again: who repeats it gets the same answer,
 * byte by byte. One that was cut (only what was delivered was charged) may be made again.
 *
 * @throws AppError REQUEST_INVALID 400 for a key that is none, 409 for a key used with another body, ROUTER_TIMEOUT 409 while the
 *   first one still runs, and for an answer too large to be kept; what `execute` throws
 */
export async function answerOnce(
	book: RequestBook,
	request: GatewayRequest,
	sink: GatewaySink,
	execute: Execute,
): Promise<void> {
	const { idempotencyKey, grant, bytes, surface } = request;
	if (idempotencyKey === undefined) {
		await execute(sink);
		return;
	}
	if (!KEY_FORM.test(idempotencyKey)) throw toProblem("idempotency-key-invalid", 400);
	const bodyHash = hash("sha256", Buffer.concat([Buffer.from(`${surface}\0`), bytes]), "buffer");
	const begun = await book.begin(grant, { idempotencyKey, bodyHash });
	if (begun.kind === "conflict") throw toProblem("idempotency-conflict", 409);
	if (begun.kind === "running") throw toRunning();
	if (begun.kind === "done") {
		const { status, contentType = "application/json; charset=utf-8", body } = begun.answer;
		if (body === undefined) throw toProblem("idempotency-conflict", 409);
		sink.open({ status, contentType, place: undefined });
		sink.write(body);
		return;
	}
	await executeFirst(book, begun.request, sink, execute);
}

async function executeFirst(
	book: RequestBook,
	open: OpenRequest,
	sink: GatewaySink,
	execute: Execute,
): Promise<void> {
	const recorder = createRecorder(sink);
	const abandon = async (): Promise<void> => {
		await book
			.abandon(open)
			.catch((error: unknown) => book.onTrouble("a request could not be given up", error));
	};
	let isComplete: boolean;
	try {
		isComplete = await execute(recorder.sink);
	} catch (error) {
		await abandon();
		throw error;
	}
	const { head, body } = recorder.answer();
	if (!isComplete || head === undefined) {
		await abandon();
		return;
	}
	await book
		.finish(open, { status: head.status, contentType: head.contentType, body })
		.catch((error: unknown) => book.onTrouble("an answer could not be kept", error));
}

/** Passes everything on and keeps a copy, up to what may be stored. */
function createRecorder(sink: GatewaySink) {
	const pieces: Buffer[] = [];
	let bytes = 0;
	let head: GatewayHead | undefined;
	const recording: GatewaySink = {
		open(opened) {
			head = opened;
			sink.open(opened);
		},
		write(piece) {
			const copy = Buffer.from(piece);
			bytes += copy.length;
			if (bytes <= KEPT_BYTES_MAX) pieces.push(copy);
			return sink.write(piece);
		},
		drained: async () => await sink.drained(),
	};
	return {
		sink: recording,
		answer: () => ({ head, body: bytes <= KEPT_BYTES_MAX ? Buffer.concat(pieces) : undefined }),
	};
}

function toProblem(problem: "idempotency-key-invalid" | "idempotency-conflict", status: number): AppError {
	return new AppError("REQUEST_INVALID", problem, { status, details: { reason: problem } });
}

function toRunning(): AppError {
	return new AppError("RATE_LIMITED", "the same request is under way", {
		status: 409,
		details: { reason: "idempotency-running", retryAfterMs: RUNNING_RETRY_MS },
	});
}
