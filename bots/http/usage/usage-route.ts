import type { Router } from "@koa/router";
import type { Core } from "../../../core/core.ts";
import type { Gateway } from "../../../core/gateway/gateway.ts";
import { authenticate } from "../chat/authenticate.ts";
import { callCore } from "../chat/call-core.ts";
import { createKeyRate } from "../chat/key-rate.ts";
import { findCaller } from "../gateway/find-caller.ts";
import type { RequestState } from "../middleware/request-id.ts";

export type UsageRouteOptions = {
	readonly core: Pick<Core, "authenticateKey" | "readUsage">;
	/** Its keys read their account's usage too, limits of their own or not. Undefined: no model gateway. */
	readonly gateway: Pick<Gateway, "authenticate"> | undefined;
	readonly limits: { readonly requestsPerMinute: number; readonly storeTimeoutMs: number };
	/** Monotonic milliseconds, for the rate limit. */
	readonly nowMs: () => number;
};

type DayUsage = Awaited<ReturnType<Core["readUsage"]>>;

const MICRO = 1_000_000;

/** GET /v1/usage: what is left of the day's tokens, and what they were spent on. */
export function addUsageRoute(
	router: Router<RequestState>,
	{ core, gateway, limits, nowMs }: UsageRouteOptions,
): void {
	const takeRate = createKeyRate(limits.requestsPerMinute, nowMs);
	router.get("/v1/usage", async (ctx) => {
		const { accountId, keyId } =
			gateway === undefined
				? await authenticate(core, ctx.req, limits.storeTimeoutMs)
				: await callCore(async () => await findCaller(gateway, ctx.req), limits.storeTimeoutMs);
		takeRate(keyId);
		ctx.set("Cache-Control", "no-store");
		ctx.body = toBody(await callCore(() => core.readUsage(accountId), limits.storeTimeoutMs));
	});
}

/** Whole tokens, rounded so that nobody is told of more than he has. */
function toBody({ since, balance, sources }: DayUsage): object {
	const { grantedMicro, postedMicro, pendingMicro, availableMicro, resetsAt, zone } = balance;
	return {
		...{ since: since.toISOString(), resetsAt: resetsAt?.toISOString() ?? null, zone },
		tokens: {
			granted: Math.floor(grantedMicro / MICRO),
			used: Math.ceil(postedMicro / MICRO),
			held: Math.ceil(pendingMicro / MICRO),
			left: Math.floor(Math.max(0, availableMicro) / MICRO),
		},
		sources: sources.map(({ source, calls, inputTokens, outputTokens, chargedMicro }) => ({
			...{ source, calls, inputTokens, outputTokens },
			chargedTokens: Math.ceil(chargedMicro / MICRO),
		})),
	};
}
