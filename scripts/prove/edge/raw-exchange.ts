import { openRawSocket } from "../../../bots/http/testing/raw-socket.ts";
import type { Desk } from "./desk.ts";

export type RawAnswer = {
	/** 0: the socket ended without an answer. */
	readonly status: number;
	readonly text: string;
	readonly isClosed: boolean;
	/** Until the answer began, or the socket ended. */
	readonly answeredMs: number;
};

const ANSWER_MS = 12_000;
const CLOSE_MS = 3_000;

/**
 * Writes bytes to a socket of its own and reads one answer; `drip` goes on writing. Says whether the other side closes within
 * 3 s of its answer.
 */
export async function exchangeRaw(
	desk: Pick<Desk, "world" | "note">,
	pieces: readonly (string | Buffer)[],
	slow?: { readonly drip: string; readonly everyMs: number },
): Promise<RawAnswer> {
	const raw = await openRawSocket(desk.world.port());
	const timer =
		slow === undefined ? undefined : setInterval(() => raw.write(slow.drip), Math.max(1, slow.everyMs));
	try {
		const startedAt = performance.now();
		for (const piece of pieces) raw.write(piece);
		await Promise.race([raw.until("\r\n\r\n", ANSWER_MS), raw.closed(ANSWER_MS)]).catch(() => undefined);
		const answeredMs = Math.round(performance.now() - startedAt);
		const isClosed = await raw.closed(CLOSE_MS).then(
			() => true,
			() => false,
		);
		const text = raw.received();
		const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
		desk.note(status, `raw ${String(pieces[0]).slice(0, 80)}`);
		return { status, text, isClosed, answeredMs };
	} finally {
		clearInterval(timer);
		raw.destroy();
	}
}
