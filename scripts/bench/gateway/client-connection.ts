import type { Socket } from "node:net";
import { connect } from "node:net";
import { ANSWER_MARK } from "./answers.ts";

export type ClientEvents = {
	/** The first words of the answer are here. */
	onFirst(): void;
	/** The answer is over: its status; 0 for a connection that broke or a stream without its end, and then it is of no more use. */
	onEnd(status: number): void;
};

export type ClientConnection = {
	/** One request at a time. `isStream`: the answer must come to the end its dialect knows. */
	send(bytes: Buffer, isStream: boolean): void;
	close(): void;
};

const READ_BYTES = 64 * 1024;
const HEAD_END = Buffer.from("\r\n\r\n");
const LAST_CHUNK = Buffer.from("0\r\n\r\n");
const FIRST = Buffer.from(ANSWER_MARK);
const STREAM_ENDS = [Buffer.from("[DONE]"), Buffer.from('"message_stop"')];
const STATUS_AT = 9;
const LENGTH = /^content-length: *(\d+)/im;

/** One answer as it comes. remaining undefined: chunked. */
type Answer = {
	status: number | undefined;
	remaining: number | undefined;
	isBegun: boolean;
	isWhole: boolean;
	tail: Buffer;
};

/** HTTP/1.1 over a bare socket, with answers of a known length and chunked ones, as little work as will do. */
export async function openClient(port: number, events: ClientEvents): Promise<ClientConnection> {
	let kept: Buffer | undefined;
	let answer = toAnswer(false);
	let isOver = false;

	function end(status: number): void {
		kept = undefined;
		events.onEnd(status);
	}
	function breakOff(): void {
		if (isOver) return;
		isOver = true;
		end(0);
	}

	function take(length: number, buffer: Uint8Array): boolean {
		const chunk = Buffer.from(buffer.buffer, buffer.byteOffset, length);
		if (answer.status !== undefined) takeBody(chunk);
		else takeHead(kept === undefined ? chunk : Buffer.concat([kept, chunk]));
		return true;
	}

	function takeHead(bytes: Buffer): void {
		const headEnd = bytes.indexOf(HEAD_END);
		if (headEnd < 0) {
			// The read buffer is written over by the next read.
			kept = Buffer.from(bytes);
			return;
		}
		const head = bytes.toString("latin1", 0, headEnd);
		const length = LENGTH.exec(head)?.[1];
		answer.status = Number(head.slice(STATUS_AT, STATUS_AT + 3));
		answer.remaining = length === undefined ? undefined : Number(length);
		takeBody(bytes.subarray(headEnd + HEAD_END.length));
	}

	function takeBody(bytes: Buffer): void {
		if (!answer.isBegun && bytes.includes(FIRST)) {
			answer.isBegun = true;
			events.onFirst();
		}
		if (!answer.isWhole) answer.isWhole = STREAM_ENDS.some((mark) => bytes.includes(mark));
		if (isComplete(answer, bytes)) end(answer.isBegun && answer.isWhole ? (answer.status ?? 0) : 0);
	}

	const socket = await new Promise<Socket>((resolve, reject) => {
		const onread = { buffer: Buffer.alloc(READ_BYTES), callback: take };
		const opened = connect({ port, host: "127.0.0.1", noDelay: true, onread }, () => resolve(opened));
		opened.once("error", reject);
		opened.on("error", breakOff).on("close", breakOff);
	});
	return {
		send(bytes, isStream) {
			answer = toAnswer(isStream);
			socket.write(bytes);
		},
		close() {
			isOver = true;
			socket.destroy();
		},
	};
}

function toAnswer(isStream: boolean): Answer {
	return {
		status: undefined,
		remaining: undefined,
		isBegun: false,
		isWhole: !isStream,
		tail: Buffer.alloc(0),
	};
}

/** Whether the answer ends with these bytes. */
function isComplete(answer: Answer, bytes: Buffer): boolean {
	if (answer.remaining !== undefined) {
		answer.remaining -= bytes.length;
		return answer.remaining <= 0;
	}
	const last = bytes.length >= LAST_CHUNK.length ? bytes : Buffer.concat([answer.tail, bytes]);
	answer.tail = Buffer.from(last.subarray(-LAST_CHUNK.length));
	return answer.tail.equals(LAST_CHUNK);
}
