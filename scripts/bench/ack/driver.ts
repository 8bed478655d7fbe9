import { percentile, round } from "../pipeline/figures.ts";
import { serve } from "../pipeline/serve.ts";
import type { UpdateTarget } from "../pipeline/update-request.ts";
import type { PostLine } from "./post-line.ts";
import { openPostLine } from "./post-line.ts";

export type DriveRequest = {
	/** Posts take turns among them, as a balancer would spread them. */
	readonly targets: readonly UpdateTarget[];
	/** One post each, in JSON. */
	readonly bodies: readonly string[];
	/** When each is due: milliseconds from the start, ascending. */
	readonly atMs: readonly number[];
};

export type DriveResult = {
	readonly acknowledged: number;
	/** Answered with anything but 200, or not. */
	readonly refused: number;
	/** From the moment a post was due to its answer. */
	readonly p50Ms: number;
	readonly p99Ms: number;
	readonly maxMs: number;
	/** How late the driver itself was: part of the figures above. */
	readonly lateP99Ms: number;
	/** Posts under way at a time, at most. */
	readonly underMax: number;
};

/** Longer than any answer may take; what is not answered then never is. */
const PATIENCE_MS = 30_000;
/** Before the first post: connections are open, and nothing else is on its way. */
const HEAD_START_MS = 50;

/**
 * Posts go out when they are due, whether or not earlier ones were answered, and the clock of each runs from that moment: a
 * receiver that stalls is charged for everything that should have arrived meanwhile.
 */
async function drive({ targets, bodies, atMs }: DriveRequest): Promise<DriveResult> {
	const latencies = new Float64Array(bodies.length);
	const lateness = new Float64Array(bodies.length);
	const { promise: over, resolve } = Promise.withResolvers<void>();
	let startedAt = 0;
	let answered = 0;
	let refused = 0;
	let sent = 0;
	let underMax = 0;
	const dueAt = (post: number): number => startedAt + (atMs[post] ?? 0);

	function onAnswer(post: number, status: number): void {
		latencies[post] = performance.now() - dueAt(post);
		answered += 1;
		if (status !== 200) refused += 1;
		if (answered === bodies.length) resolve();
	}

	const lines: PostLine[] = [];
	try {
		for (const target of targets) lines.push(await openPostLine(target, bodies, onAnswer));
		startedAt = performance.now() + HEAD_START_MS;
		const sendDue = (): void => {
			while (sent < bodies.length && dueAt(sent) <= performance.now()) {
				lateness[sent] = performance.now() - dueAt(sent);
				lines[sent % lines.length]?.post(sent);
				sent += 1;
				underMax = Math.max(underMax, sent - answered);
			}
			if (sent < bodies.length) setTimeout(sendDue, Math.max(0, dueAt(sent) - performance.now()));
		};
		sendDue();
		await within(over, (atMs.at(-1) ?? 0) + PATIENCE_MS, () => bodies.length - answered);
	} finally {
		for (const line of lines) line.close();
	}
	return {
		acknowledged: answered - refused,
		refused,
		p50Ms: round(percentile(latencies, 0.5), 1),
		p99Ms: round(percentile(latencies, 0.99), 1),
		maxMs: round(percentile(latencies, 1), 1),
		lateP99Ms: round(percentile(lateness, 0.99), 1),
		underMax,
	};
}

/** @throws Error that tells how many posts have no answer */
async function within(work: Promise<void>, ms: number, open: () => number): Promise<void> {
	const { promise: late, reject } = Promise.withResolvers<never>();
	const timer = setTimeout(() => reject(new Error(`${open()} posts were never answered`)), ms);
	await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

serve({ drive });
