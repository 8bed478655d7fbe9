import type { Socket } from "node:net";
import { connect } from "node:net";

/** Told of each answer: its status, and its body's length. A connection that breaks says 0 once and is over. */
export type OnAnswer = (status: number) => void;

export type RawConnection = {
	/** One request at a time: the next one only after the answer. */
	send(bytes: Buffer): void;
	close(): void;
};

const READ_BYTES = 16 * 1024;
const HEAD_END = Buffer.from("\r\n\r\n");
/** "HTTP/1.1 200": the status is the tenth to the twelfth byte. */
const STATUS_AT = 9;
const LENGTH = /^content-length: *(\d+)/im;

/**
 * HTTP/1.1 over a bare socket, as little work as will do: a full client costs more than the server it is to measure. Knows
 * answers with a Content-Length only.
 */
export async function openRawConnection(port: number, onAnswer: OnAnswer): Promise<RawConnection> {
	let kept: Buffer | undefined;
	let isOver = false;

	function end(): void {
		if (isOver) return;
		isOver = true;
		onAnswer(0);
	}

	function take(length: number, buffer: Uint8Array): boolean {
		const chunk = Buffer.from(buffer.buffer, buffer.byteOffset, length);
		const all = kept === undefined ? chunk : Buffer.concat([kept, chunk]);
		const status = findWholeAnswer(all);
		// The read buffer is written over by the next read.
		kept = status === undefined ? Buffer.from(all) : undefined;
		if (status !== undefined) onAnswer(status);
		return true;
	}

	const socket = await new Promise<Socket>((resolve, reject) => {
		const opened = connect(
			{
				port,
				host: "127.0.0.1",
				noDelay: true,
				onread: { buffer: Buffer.alloc(READ_BYTES), callback: take },
			},
			() => resolve(opened),
		);
		opened.once("error", reject);
		opened.on("error", end);
		opened.on("close", end);
	});
	return {
		send: (bytes) => void socket.write(bytes),
		close() {
			isOver = true;
			socket.destroy();
		},
	};
}

/** The status of an answer that has arrived whole. Pure. */
function findWholeAnswer(bytes: Buffer): number | undefined {
	const headEnd = bytes.indexOf(HEAD_END);
	if (headEnd < 0) return undefined;
	const head = bytes.toString("latin1", 0, headEnd);
	const length = Number(LENGTH.exec(head)?.[1] ?? 0);
	return bytes.length < headEnd + HEAD_END.length + length
		? undefined
		: Number(head.slice(STATUS_AT, STATUS_AT + 3));
}
