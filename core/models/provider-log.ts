import type { AppError } from "../errors.ts";
import type { Route } from "./route-table.ts";

/** One line for a kind of failure of a provider in this time, in ms; what comes in between is counted. */
const QUIET_MS = 60_000;

export type ProviderLogSink = {
	info(facts: object, message: string): void;
	warn(facts: object, message: string): void;
};

export type ProviderLog = {
	/** A call that was sent failed, or was cut. */
	failed(route: Route, error: AppError): void;
	/** The breaker of a provider moved. */
	changed(providerId: string, state: "open" | "half-open" | "closed"): void;
};

/** Tells the operator what his providers do, without a line for each message while one of them is away. */
export function createProviderLog(log: ProviderLogSink, nowMs: () => number = Date.now): ProviderLog {
	// Bounded by the providers and the few kinds of failure.
	const told = new Map<string, { readonly untilMs: number; silenced: number }>();
	return {
		failed({ provider, model }, error) {
			const { providerId } = provider;
			const { cause, status } = error.details;
			const key = [providerId, error.code, cause, status].join(" ");
			const last = told.get(key);
			if (last !== undefined && nowMs() < last.untilMs) {
				last.silenced += 1;
				return;
			}
			told.set(key, { untilMs: nowMs() + QUIET_MS, silenced: 0 });
			log.warn(
				{
					providerId,
					model,
					code: error.code,
					cause,
					status,
					// A provider that refuses a message may repeat its words.
					...(error.code !== "REQUEST_INVALID" && { why: error.message }),
					...(last !== undefined && last.silenced > 0 && { silenced: last.silenced }),
				},
				"a provider failed",
			);
		},
		changed(providerId, state) {
			if (state === "open") log.warn({ providerId }, "the provider is left alone for a while");
			if (state === "closed") log.info({ providerId }, "the provider works again");
		},
	};
}
