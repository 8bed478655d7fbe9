/**
 * The ledger of one account in memory, as simple as possible. Amounts are whole tokens, instants milliseconds since 1970. Its
 * zones have no summer time, so that a day is always 24 hours; the real rules of zones have a proof of their own.
 */
export type Model = {
	now: number;
	daily: number;
	/** What a day that was held back until tomorrow would have granted; a raise grants what is more. */
	withheld: number;
	zone: ModelZone;
	zoneNext: ModelZone | undefined;
	zoneChangedAt: number;
	/** Until then no daily bucket begins. */
	dayEndsAt: number;
	readonly buckets: Bucket[];
	readonly reservations: Map<string, Reservation>;
};

export type Bucket = {
	readonly isDaily: boolean;
	readonly startsAt: number;
	readonly endsAt: number;
	granted: number;
	posted: number;
	pending: number;
};

export type Reservation = {
	state: "pending" | "posted" | "voided" | "expired";
	readonly amount: number;
	readonly lines: readonly { readonly bucket: Bucket; readonly amount: number }[];
	readonly createdAt: number;
	expiresAt: number;
	charged: number;
	overrun: number;
	refunded: boolean;
};

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
const ZONE_PAUSE = 30 * DAY;
const GOODWILL = 30 * DAY;
const KEPT = 40 * DAY;

/** Hours ahead of UTC. */
const OFFSETS = {
	UTC: 0,
	"Asia/Shanghai": 8,
	"Asia/Kolkata": 5.5,
	"Pacific/Honolulu": -10,
	"Pacific/Kiritimati": 14,
} as const;

export type ModelZone = keyof typeof OFFSETS;
export const MODEL_ZONES = Object.keys(OFFSETS) as readonly ModelZone[];

export function createModel(options: {
	readonly now: number;
	readonly daily: number;
	readonly zone: ModelZone;
	readonly startsTomorrow: boolean;
}): Model {
	const { now, daily, zone, startsTomorrow } = options;
	return {
		now,
		daily,
		withheld: 0,
		zone,
		zoneNext: undefined,
		zoneChangedAt: Number.NEGATIVE_INFINITY,
		dayEndsAt: startsTomorrow ? lastMidnight(zone, now) + DAY : Number.NEGATIVE_INFINITY,
		buckets: [],
		reservations: new Map(),
	};
}

function lastMidnight(zone: ModelZone, at: number): number {
	const ahead = OFFSETS[zone] * HOUR;
	return Math.floor((at + ahead) / DAY) * DAY - ahead;
}

/** The daily bucket that is due and that nobody has called for yet. */
function dueDay(model: Model): Bucket | undefined {
	const { now, daily, dayEndsAt, zone, zoneNext } = model;
	if (daily === 0 || dayEndsAt > now) return undefined;
	const midnight = lastMidnight(zoneNext ?? zone, now);
	const startsAt = Math.max(midnight, dayEndsAt);
	let endsAt = midnight + DAY;
	if (zoneNext !== undefined && midnight < dayEndsAt) {
		// at least a whole day after the last one
		while (endsAt < dayEndsAt + DAY) endsAt += DAY;
	}
	return { isDaily: true, startsAt, endsAt, granted: daily, posted: 0, pending: 0 };
}

function openDay(model: Model): void {
	const day = dueDay(model);
	if (day === undefined) return;
	model.buckets.push(day);
	model.dayEndsAt = day.endsAt;
	model.zone = model.zoneNext ?? model.zone;
	model.zoneNext = undefined;
	model.withheld = 0;
}

const free = (bucket: Bucket): number => bucket.granted - bucket.posted - bucket.pending;

/** Soonest-ending first, older first. */
function live(model: Model): readonly Bucket[] {
	return model.buckets
		.filter((bucket) => bucket.startsAt <= model.now && bucket.endsAt > model.now)
		.sort((a, b) => a.endsAt - b.endsAt);
}

/** What the balance shows: today's grant counts before anybody has called. */
export function available(model: Model): number {
	return live(model).reduce((total, bucket) => total + free(bucket), dueDay(model)?.granted ?? 0);
}

export type Reserved =
	| { readonly kind: "duplicate"; readonly state: Reservation["state"]; readonly amount: number }
	| { readonly kind: "reserved"; readonly amount: number }
	/** amount: what is free. */
	| { readonly kind: "insufficient"; readonly amount: number };

export function reserve(
	model: Model,
	request: { readonly id: string; readonly minimum: number; readonly wanted: number; readonly ttlMs: number },
): Reserved {
	const old = model.reservations.get(request.id);
	if (old !== undefined) return { kind: "duplicate", state: old.state, amount: old.amount };
	openDay(model);
	const total = available(model);
	if (total < request.minimum || total === 0) return { kind: "insufficient", amount: total };
	const amount = Math.min(total, request.wanted);
	let left = amount;
	const lines = live(model).flatMap((bucket) => {
		const take = Math.min(left, free(bucket));
		if (take === 0) return [];
		bucket.pending += take;
		left -= take;
		return [{ bucket, amount: take }];
	});
	const times = { createdAt: model.now, expiresAt: model.now + request.ttlMs };
	const nothing = { charged: 0, overrun: 0, refunded: false };
	model.reservations.set(request.id, { state: "pending", amount, lines, ...times, ...nothing });
	return { kind: "reserved", amount };
}

export type Settled =
	| { readonly kind: "unknown" }
	| { readonly kind: "settled"; readonly charged: number; readonly overrun: number }
	| {
			readonly kind: "already";
			readonly state: Reservation["state"];
			readonly charged: number;
			readonly overrun: number;
	  };

export type SettleCall = { readonly id: string; readonly actual: number };

export function settle(model: Model, { id, actual }: SettleCall): Settled {
	const reservation = model.reservations.get(id);
	if (reservation === undefined) return { kind: "unknown" };
	const { state, charged, overrun } = reservation;
	if (state === "posted" || state === "voided" || (state === "expired" && actual === 0)) {
		return { kind: "already", state, charged, overrun };
	}
	let left = actual;
	for (const line of state === "pending" ? reservation.lines : []) {
		const use = Math.min(left, line.amount);
		line.bucket.pending -= line.amount;
		line.bucket.posted += use;
		left -= use;
	}
	if (left > 0) openDay(model);
	for (const bucket of left > 0 ? live(model) : []) {
		const use = Math.min(left, free(bucket));
		bucket.posted += use;
		left -= use;
	}
	reservation.state = actual === 0 ? "voided" : "posted";
	reservation.charged = actual - left;
	reservation.overrun = left;
	return { kind: "settled", charged: actual - left, overrun: left };
}

/**
 * Settlements of one statement are of one moment. First come those that stay within what one bucket holds for them, which
 * take nothing from anybody; then the others as they were asked.
 */
export function settleTogether(model: Model, calls: readonly SettleCall[]): readonly Settled[] {
	const outcomes: Settled[] = [];
	for (const [at, call] of calls.entries()) {
		const reservation = model.reservations.get(call.id);
		const isPlain =
			reservation?.state === "pending" && reservation.lines.length === 1 && call.actual <= reservation.amount;
		if (isPlain) outcomes[at] = settle(model, call);
	}
	return calls.map((call, at) => outcomes[at] ?? settle(model, call));
}

export function expire(model: Model): void {
	for (const reservation of model.reservations.values()) {
		if (reservation.state !== "pending" || reservation.expiresAt >= model.now) continue;
		for (const line of reservation.lines) line.bucket.pending -= line.amount;
		reservation.state = "expired";
	}
}

export function heartbeat(model: Model, id: string, ttlMs: number): void {
	const reservation = model.reservations.get(id);
	if (reservation?.state !== "pending") return;
	reservation.expiresAt = Math.max(reservation.expiresAt, model.now + ttlMs);
}

export function grant(model: Model, tokens: number, endsAt: number): void {
	const bucket = { isDaily: false, startsAt: model.now, endsAt, granted: tokens, posted: 0, pending: 0 };
	model.buckets.push(bucket);
}

export function refund(model: Model, id: string): "refunded" | "already" | "nothing" {
	const reservation = model.reservations.get(id);
	if (reservation?.state !== "posted" || reservation.charged === 0) return "nothing";
	if (reservation.refunded) return "already";
	reservation.refunded = true;
	grant(model, reservation.charged, model.now + GOODWILL);
	return "refunded";
}

/** A higher figure fills the running day up to it, a lower one waits for the next day. */
export function changeDailyGrant(model: Model, daily: number): void {
	openDay(model);
	const before = model.daily;
	model.daily = daily;
	if (model.dayEndsAt <= model.now) return;
	const today = live(model).find((bucket) => bucket.isDaily);
	if (today === undefined) model.withheld = Math.max(model.withheld, before);
	const granted = daily - model.withheld;
	if (today !== undefined) today.granted = Math.max(today.granted, granted);
	else if (granted > 0) {
		const times = { startsAt: model.now, endsAt: model.dayEndsAt };
		model.buckets.push({ isDaily: true, ...times, granted, posted: 0, pending: 0 });
	}
}

/** False: it was changed less than 30 days ago. */
export function changeZone(model: Model, zone: ModelZone): boolean {
	if (zone === (model.zoneNext ?? model.zone)) return true;
	if (model.zoneChangedAt + ZONE_PAUSE > model.now) return false;
	model.zoneNext = zone;
	model.zoneChangedAt = model.now;
	return true;
}

/** Answers the ids that are forgotten: nobody may use them again. */
export function prune(model: Model): readonly string[] {
	const old = [...model.reservations].filter(
		([, { state, createdAt }]) => state !== "pending" && createdAt < model.now - KEPT,
	);
	for (const [id] of old) model.reservations.delete(id);
	return old.map(([id]) => id);
}
