import type { Ledger } from "../ledger/ledger.ts";

/** Keeps the reservations of long calls alive, all of them with one statement. */
export type Heartbeats = {
	/** @returns the function that ends it. */
	begin(reservationId: string): () => void;
	close(): void;
};

/** How long a reservation lives without a sign of life; a crash gives it back after that. */
export const RESERVATION_TTL_MS = 120_000;
const BEAT_MS = 30_000;

export function createHeartbeats(
	ledger: Pick<Ledger, "heartbeat">,
	onTrouble: (message: string, error: unknown) => void,
	beatMs: number = BEAT_MS,
): Heartbeats {
	const live = new Set<string>();
	/** Those that were live at the last beat: a shorter call needs no sign of life. */
	let due: string[] = [];
	const timer = setInterval(() => {
		const ids = due.filter((id) => live.has(id));
		due = [...live];
		if (ids.length === 0) return;
		ledger
			.heartbeat(ids, RESERVATION_TTL_MS)
			.catch((error) => onTrouble("reservations could not be kept alive", error));
	}, beatMs);
	timer.unref();
	return {
		begin(reservationId) {
			live.add(reservationId);
			return () => live.delete(reservationId);
		},
		close: () => clearInterval(timer),
	};
}
