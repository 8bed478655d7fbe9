import type { ServerResponse } from "node:http";
import { AppError } from "../../../core/errors.ts";
import type { Gateway } from "../../../core/gateway/gateway.ts";
import type { KeyGrant } from "../../../core/gateway/key-grant.ts";

export type WatchOptions = {
	readonly gateway: Pick<Gateway, "isLive">;
	readonly limits: { readonly keyCheckMs: number };
	readonly response: ServerResponse;
	readonly grant: KeyGrant;
	readonly stopSignal: AbortSignal;
	/** The reason when the caller has gone. */
	readonly left: string;
};

export type CallerWatch = { readonly signal: AbortSignal; end(): void };

/**
 * Ends a call whose caller leaves, whose key is revoked (source: security, row 41: within 30 s) or whose node stops: at the
 * provider too, so that nobody pays for what nobody reads.
 */
export function watchCaller(options: WatchOptions): CallerWatch {
	const { gateway, limits, response, grant, stopSignal, left } = options;
	const controller = new AbortController();
	const onClose = (): void => {
		if (!response.writableFinished) controller.abort(left);
	};
	const onStop = (): void =>
		controller.abort(
			new AppError("ROUTER_TIMEOUT", "the node stops", { status: 503, details: { reason: "stopping" } }),
		);
	const timer = setInterval(() => {
		// A database that is away says nothing about a key.
		gateway.isLive(grant).then(
			(isLive) => {
				if (!isLive) controller.abort(new AppError("AUTH_INVALID_CREDENTIALS", "the key was revoked"));
			},
			() => undefined,
		);
	}, limits.keyCheckMs);
	timer.unref();
	response.once("close", onClose);
	stopSignal.addEventListener("abort", onStop, { once: true });
	if (stopSignal.aborted) onStop();
	if (response.destroyed) onClose();
	return {
		signal: controller.signal,
		end() {
			clearInterval(timer);
			response.off("close", onClose);
			stopSignal.removeEventListener("abort", onStop);
		},
	};
}
