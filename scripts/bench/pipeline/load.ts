import { percentile } from "./figures.ts";
import type { RawConnection } from "./raw-connection.ts";
import { openRawConnection } from "./raw-connection.ts";
import { serve } from "./serve.ts";
import type { UpdateTarget } from "./update-request.ts";
import { createUpdateRequest } from "./update-request.ts";

export type LoadRequest = UpdateTarget & {
	readonly connections: number;
	readonly ms: number;
	/** The first of the ids; each post takes the next one. */
	readonly firstUpdateId: number;
	/** Posts go round these. */
	readonly firstChatId: number;
	readonly chats: number;
};

export type LoadResult = {
	/** Answered with 200 while the clock ran, and the time it ran. */
	readonly acknowledged: number;
	readonly elapsedMs: number;
	/** Answered with 200 at all: the posts under way at the end are waited for. */
	readonly acknowledgedInAll: number;
	/** Answered with anything else, or not. */
	readonly failed: number;
	readonly p50Ms: number;
	readonly p99Ms: number;
};

/** Room for the latencies of one run; what comes after is counted, not measured. */
const SAMPLES_MAX = 1_000_000;

/** As many posts as the other side acknowledges: each connection sends the next one when it has the answer to the last. */
async function run(request: LoadRequest): Promise<LoadResult> {
	const { connections, ms, chats } = request;
	const samples = new Float64Array(SAMPLES_MAX);
	const open: RawConnection[] = [];
	let sampled = 0;
	let acknowledged = 0;
	let late = 0;
	let failed = 0;
	let posts = 0;
	let under = connections;
	let startedAt = 0;
	let end = 0;
	const { promise: over, resolve } = Promise.withResolvers<void>();

	function count(status: number, now: number, sentAt: number): void {
		if (status !== 200) failed += 1;
		else if (now > end) late += 1;
		else {
			acknowledged += 1;
			samples[sampled] = now - sentAt;
			if (sampled < SAMPLES_MAX - 1) sampled += 1;
		}
	}

	async function openOne(): Promise<() => void> {
		const post = createUpdateRequest(request);
		let sentAt = 0;
		const connection = await openRawConnection(request.port, (status) => {
			const now = performance.now();
			count(status, now, sentAt);
			if (now < end && status !== 0) send(now);
			else if (--under === 0) resolve();
		});
		open.push(connection);
		function send(now: number): void {
			post.setIds(request.firstUpdateId + posts, request.firstChatId + (posts % chats));
			posts += 1;
			sentAt = now;
			connection.send(post.bytes);
		}
		return () => send(performance.now());
	}

	try {
		const starts: (() => void)[] = [];
		for (let at = 0; at < connections; at += 1) starts.push(await openOne());
		startedAt = performance.now();
		end = startedAt + ms;
		for (const start of starts) start();
		await over;
	} finally {
		for (const connection of open) connection.close();
	}
	const latencies = samples.subarray(0, sampled);
	return {
		acknowledged,
		elapsedMs: ms,
		acknowledgedInAll: acknowledged + late,
		failed,
		p50Ms: percentile(latencies, 0.5),
		p99Ms: percentile(latencies, 0.99),
	};
}

serve({ run });
