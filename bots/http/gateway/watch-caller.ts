import type { ServerResponse } from "node:http";
import { AppError } from "../../../core/errors.ts";
import type { Gateway } from "../../../core/gateway/gateway.ts";
import type { KeyGrant } from "../../../core/gateway/key-grant.ts";

export type WatchOptions = {
	readonly gateway: Pick<Gateway, "isLive">;
	readonly limits: { readonly keyCheckMs: number };
	readonly stopSignal: AbortSignal;
	/** The reason when the caller has gone. */
	readonly left: string;
};

export type CallerWatch = { readonly signal: AbortSignal; end(): void };

type Watched = { readonly grant: KeyGrant; readonly controller: AbortController };

/**
 * Ends calls whose caller leaves, whose key is revoked (source: security, row 41: within 30 s) or whose node stops: at the
 * provider too, so that nobody pays for what nobody reads. One timer and one listener for all calls: most of them are over
 * before either would say anything.
 */
export function createCallerWatch(
	options: WatchOptions,
): (response: ServerResponse, grant: KeyGrant) => CallerWatch {
	const { gateway, limits, stopSignal, left } = options;
	const live = new Set<Watched>();
	let timer: NodeJS.Timeout | undefined;

	function checkKeys(): void {
		for (const { grant, controller } of live) {
			// A database that is away says nothing about a key.
			gateway.isLive(grant).then(
				(isLive) => {
					if (!isLive) controller.abort(new AppError("AUTH_INVALID_CREDENTIALS", "the key was revoked"));
				},
				() => undefined,
			);
		}
		if (live.size > 0) return;
		clearInterval(timer);
		timer = undefined;
	}

	stopSignal.addEventListener(
		"abort",
		() => {
			for (const { controller } of live) controller.abort(toStopping());
		},
		{ once: true },
	);

	return (response, grant) => {
		const watched: Watched = { grant, controller: new AbortController() };
		const { controller } = watched;
		const onClose = (): void => {
			if (!response.writableFinished) controller.abort(left);
		};
		live.add(watched);
		timer ??= setInterval(checkKeys, limits.keyCheckMs).unref();
		response.on("close", onClose);
		if (stopSignal.aborted) controller.abort(toStopping());
		if (response.destroyed) onClose();
		return {
			signal: controller.signal,
			end() {
				live.delete(watched);
				response.off("close", onClose);
			},
		};
	};
}

function toStopping(): AppError {
	return new AppError("ROUTER_TIMEOUT", "the node stops", { status: 503, details: { reason: "stopping" } });
}
