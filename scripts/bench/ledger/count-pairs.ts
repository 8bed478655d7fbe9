import type { Ledger } from "../../../core/ledger/ledger.ts";
import { MICRO } from "../../../core/ledger/ledger.ts";
import { toReservationId } from "../../../core/models/reservation-id.ts";

/** What one pair comes to, in tokens. */
export const PAIR_TOKENS = 900;

/** Numbers calls as inbox ids number the product's; beyond those of any history that was made up. */
let calls = 1_000_000_000;

/** Each client reserves, waits for it, settles less, waits for it, and begins again. Answers how many pairs, in how long. */
export async function countPairs(
	ledger: Ledger,
	accountIds: readonly string[],
	clients: number,
	ms: number,
): Promise<{ readonly pairs: number; readonly seconds: number }> {
	const startedAt = performance.now();
	const end = startedAt + ms;
	let pairs = 0;
	async function client(): Promise<void> {
		while (performance.now() < end) {
			calls += 1;
			const reservationId = toReservationId(`${calls}:1`, 0);
			const accountId = accountIds[Math.trunc(Math.random() * accountIds.length)] ?? "";
			const asked = { minimumMicro: 256 * MICRO, wantedMicro: 1_500 * MICRO, ttlMs: 120_000 };
			const reserved = await ledger.reserve({ reservationId, accountId, ...asked });
			const settled = await ledger.settle({ reservationId, actualMicro: PAIR_TOKENS * MICRO });
			if (reserved.kind !== "reserved" || settled.kind !== "settled") {
				throw new Error(`unexpected: ${reserved.kind}, ${settled.kind}`);
			}
			pairs += 1;
		}
	}
	await Promise.all(Array.from({ length: clients }, client));
	return { pairs, seconds: (performance.now() - startedAt) / 1_000 };
}
