import type { AppError } from "../errors.ts";
import type { Route } from "./route-table.ts";

/** Where one call may still go, in order. */
export type Places = {
	/** Undefined: nowhere any more. */
	next(): Route | undefined;
	/** Whether what `next` gave is the last. */
	isLast(): boolean;
	/** What a failure says about the others. */
	noteFailure(route: Route, failure: AppError): void;
};

/** The first `triesMax` of `routes` that are worth a try. */
export function createPlaces(routes: readonly Route[], triesMax: number): Places {
	let waiting = [...routes];
	let triesLeft = triesMax;
	const isLast = (): boolean => triesLeft <= 0 || waiting.length === 0;
	return {
		next() {
			if (isLast()) return undefined;
			triesLeft -= 1;
			return waiting.shift();
		},
		isLast,
		noteFailure(route, failure) {
			// Whoever cannot be reached cannot be reached with another model either.
			if (isOfProvider(failure)) waiting = waiting.filter((other) => !isSameProvider(other, route));
		},
	};
}

/** True where it was the provider that failed, not one of its models. */
function isOfProvider({ details: { cause } }: AppError): boolean {
	return (
		cause === "unreachable" || cause === "credentials" || cause === "refused-address" || cause === "down"
	);
}

function isSameProvider(one: Route, other: Route): boolean {
	return one.provider.providerId === other.provider.providerId;
}
