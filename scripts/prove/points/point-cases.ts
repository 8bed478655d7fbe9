import type { CrashPoint } from "../../../core/inbox/crash-point.ts";

/** What is known of the message in whose midst a node died. */
export type Facts = {
	/** Telegram got its 200. */
	readonly acknowledged: boolean;
	readonly stored: boolean;
	readonly done: boolean;
	readonly attempts: number;
	/** The checkpoint is committed. */
	readonly answerStored: boolean;
	/** Of the one part of the answer. */
	readonly partState: string | undefined;
	/** Its reservations. */
	readonly pending: number;
	readonly charged: number;
	readonly expired: number;
	/** Times the vendor was asked. */
	readonly calls: number;
	/** What can be seen under it. */
	readonly seen: readonly string[];
	/** Edits that Telegram answered with "not modified". */
	readonly unmodified: number;
};

export type PointCase = {
	readonly point: CrashPoint;
	/** Of the failure cases in the design of the message flow. */
	readonly row: number;
	/** Passages of the point in a newcomer's first message, whose answer is followed by a welcome. */
	readonly inGreeting: number;
	/** And in each message after it. */
	readonly inQuestion: number;
	readonly atDeath: Partial<Facts>;
	readonly inTheEnd: Partial<Facts>;
};

/** Stands for the answer's text. */
export const ANSWER = "(answer)";
const ORPHAN = "…";

const untouched = { attempts: 0, answerStored: false, pending: 0, charged: 0, calls: 0, seen: [] };
const unanswered = { acknowledged: true, attempts: 1, answerStored: false, charged: 0, seen: [] };
const charged = { acknowledged: true, attempts: 1, answerStored: true, pending: 0, charged: 1, calls: 1 };
const answered = { acknowledged: true, done: true, pending: 0, charged: 1, seen: [ANSWER] };
const once = { ...answered, attempts: 1, calls: 1, expired: 0 };
/** The dead attempt's tokens come back, its cost at the vendor is the house's. */
const again = { ...answered, attempts: 2, calls: 2, expired: 1 };

const one = { inGreeting: 1, inQuestion: 1 };
const eachPart = { inGreeting: 2, inQuestion: 1 };

/** One of each kind: before and after the commit of the acceptance, of the answer, and in the midst of the delivery. */
export const SHORT_POINTS: readonly CrashPoint[] = [
	"after-accept-commit",
	"before-checkpoint",
	"after-send",
	"after-edit",
];

export const POINT_CASES: readonly PointCase[] = [
	{
		...{ point: "before-accept-commit", row: 1, ...one },
		atDeath: { ...untouched, acknowledged: false, stored: false },
		inTheEnd: once,
	},
	{
		// As soon as it is committed a worker of any node may have it, before the node that stored it knows.
		...{ point: "after-accept-commit", row: 2, ...one },
		atDeath: { acknowledged: false, stored: true, done: false, answerStored: false },
		inTheEnd: answered,
	},
	{
		...{ point: "after-acknowledge", row: 3, ...one },
		atDeath: { acknowledged: true, stored: true, done: false, answerStored: false },
		inTheEnd: answered,
	},
	{
		...{ point: "after-claim", row: 5, ...one },
		atDeath: { ...unanswered, pending: 0, calls: 0 },
		inTheEnd: { ...answered, attempts: 2, calls: 1, expired: 0 },
	},
	{
		...{ point: "after-reserve", row: 6, ...one },
		atDeath: { ...unanswered, pending: 1, calls: 0 },
		inTheEnd: { ...again, calls: 1 },
	},
	{
		// The vendor's first word, then each piece of the text.
		...{ point: "during-provider", row: 7, inGreeting: 3, inQuestion: 3 },
		atDeath: { ...unanswered, pending: 1, calls: 1 },
		inTheEnd: again,
	},
	{
		...{ point: "before-checkpoint", row: 8, ...one },
		atDeath: { ...unanswered, pending: 1, calls: 1 },
		inTheEnd: again,
	},
	{
		...{ point: "after-checkpoint", row: 9, ...one },
		atDeath: { ...charged, partState: "ph_sending", seen: [] },
		inTheEnd: once,
	},
	{
		...{ point: "after-ph-sending", row: 10, ...eachPart },
		atDeath: { ...charged, partState: "ph_sending", seen: [] },
		inTheEnd: once,
	},
	{
		...{ point: "after-send", row: 11, ...eachPart },
		atDeath: { ...charged, partState: "ph_sending", seen: [ORPHAN] },
		inTheEnd: { ...once, seen: [ORPHAN, ANSWER] },
	},
	{
		...{ point: "after-message-id", row: 12, ...eachPart },
		atDeath: { ...charged, partState: "ph_sent", seen: [ORPHAN] },
		inTheEnd: once,
	},
	{
		...{ point: "after-edit", row: 13, ...eachPart },
		atDeath: { ...charged, done: false, partState: "ph_sent", seen: [ANSWER], unmodified: 0 },
		inTheEnd: { ...once, unmodified: 1 },
	},
	{
		...{ point: "after-done", row: 13, ...one },
		atDeath: { ...once, partState: "done" },
		inTheEnd: { ...once, unmodified: 0 },
	},
];
