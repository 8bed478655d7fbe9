/**
 * Notices accounts that cheaply make providers fail (design: ledger, refund abuse). They are never charged for it, only
 * slowed down to one call at a time. Kept a node; bounded.
 */
export type RefundGuard = {
	noteCall(accountId: string): void;
	/** A call that was sent and given back. */
	noteRefund(accountId: string): void;
	isSlowed(accountId: string): boolean;
};

type Slot = { calls: number; refunds: number };
type Account = { slots: Slot[]; slotNumber: number };

const SLOT_MS = 600_000;
const SLOTS = 6;
const REFUNDS_MIN = 20;
const REFUNDS_SHARE = 0.1;
const ACCOUNTS_MAX = 10_000;

/** Old slots go, empty ones come. */
function age(account: Account, slotNumber: number): void {
	const { slots } = account;
	const passed = Math.min(slotNumber - account.slotNumber, SLOTS);
	if (passed <= 0) return;
	for (let count = 0; count < passed; count += 1) slots.unshift({ calls: 0, refunds: 0 });
	slots.length = Math.min(slots.length, SLOTS);
	account.slotNumber = slotNumber;
}

/** now: milliseconds of a clock that never goes back. */
export function createRefundGuard(now: () => number = () => performance.now()): RefundGuard {
	const records = new Map<string, Account>();

	function find(accountId: string): Account {
		const slotNumber = Math.floor(now() / SLOT_MS);
		const known = records.get(accountId) ?? { slots: [], slotNumber };
		age(known, slotNumber);
		// Newest last, so that the first of the map is the one to forget.
		records.delete(accountId);
		records.set(accountId, known);
		if (records.size > ACCOUNTS_MAX) {
			const oldest = records.keys().next();
			if (oldest.done !== true) records.delete(oldest.value);
		}
		return known;
	}

	function current(accountId: string): Slot {
		const record = find(accountId);
		const slot = record.slots[0] ?? { calls: 0, refunds: 0 };
		record.slots[0] = slot;
		return slot;
	}

	return {
		noteCall(accountId) {
			current(accountId).calls += 1;
		},
		noteRefund(accountId) {
			current(accountId).refunds += 1;
		},
		isSlowed(accountId) {
			const known = records.get(accountId);
			if (known === undefined) return false;
			age(known, Math.floor(now() / SLOT_MS));
			const { slots } = known;
			const calls = slots.reduce((sum, slot) => sum + slot.calls, 0);
			const refunds = slots.reduce((sum, slot) => sum + slot.refunds, 0);
			return refunds >= Math.max(REFUNDS_MIN, REFUNDS_SHARE * calls);
		},
	};
}
