import type { Router } from "@koa/router";
import type { EventStream } from "../chat/event-stream.ts";
import { watchKey } from "../chat/watch-key.ts";
import { toErrorContext } from "../middleware/on-error.ts";
import type { RequestState } from "../middleware/request-id.ts";
import type { InstanceCaller, InstanceContext, InstanceRoutesOptions } from "./instance-options.ts";
import { parseTail } from "./instance-request.ts";
import { findNewLines } from "./new-lines.ts";
import { streamLooks } from "./stream-looks.ts";
import { createStreamSeats } from "./stream-seats.ts";
import { toUseBody } from "./to-instance-body.ts";

export type InstanceStreamsOptions = InstanceRoutesOptions & {
	readonly enter: (ctx: InstanceContext) => Promise<InstanceCaller>;
	readonly ask: <Result>(call: () => Promise<Result>) => Promise<Result>;
};

const ONE = "/v1/instances/:id";
const LOGS_MS = 1_000;
const METRICS_MS = 5_000;
/** Of an account on this node: each one looks again and again. */
const STREAMS_MAX = 4;

/** What an instance writes and what it uses, as it comes. */
export function addInstanceStreams(router: Router<RequestState>, options: InstanceStreamsOptions): void {
	const { core, enter, ask } = options;
	const { instances } = core;
	const seats = createStreamSeats(STREAMS_MAX);

	router.get(`${ONE}/logs/stream`, async (ctx) => {
		const caller = await enter(ctx);
		const tail = parseTail(ctx.query);
		// While there is no head yet, a failure is a plain answer.
		await ask(() => instances.find(caller.ref));
		let known: readonly string[] = [];
		await stream(ctx, caller, LOGS_MS, async (events) => {
			const now = await ask(() => instances.logs(caller.ref, tail));
			const { lines, isGap } = findNewLines(known, now);
			known = now;
			if (isGap) events.send("gap", {});
			if (lines.length > 0) events.send("lines", { lines });
		});
	});
	router.get(`${ONE}/metrics/stream`, async (ctx) => {
		const caller = await enter(ctx);
		await ask(() => instances.find(caller.ref));
		await stream(ctx, caller, METRICS_MS, async (events) => {
			events.send("metrics", toUseBody(await ask(() => instances.use(caller.ref)), new Date()));
		});
	});

	async function stream(
		ctx: InstanceContext,
		{ key, ref }: InstanceCaller,
		everyMs: number,
		look: (events: EventStream) => Promise<void>,
	): Promise<void> {
		const { limits, stopSignal, supportUrl } = options;
		const leave = seats.take(ref.accountId);
		const { revoked, end } = watchKey(core, key, limits.keyCheckMs);
		ctx.respond = false;
		try {
			await streamLooks(ctx.res, {
				...{ look, everyMs, revoked, stopping: stopSignal, lastsMs: limits.streamWaitMs },
				...{ keepAliveMs: limits.keepAliveMs, drainTimeoutMs: limits.drainTimeoutMs },
				errorContext: toErrorContext(ctx, ctx.state.requestId, supportUrl),
			});
		} finally {
			end();
			leave();
		}
	}
}
