import type { CircuitBreakerPolicy, IBackoff } from "cockatiel";
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from "cockatiel";
import type { AppError } from "../errors.ts";
import type { ProviderState } from "./route-table.ts";

export type HealthOptions = {
	/** Failures in a row that open the breaker. */
	readonly failuresMax?: number;
	/** First wait before a trial call; doubles with each trial that fails. */
	readonly halfOpenAfterMs?: number;
	readonly halfOpenAfterMsMax?: number;
	readonly onChange?: (providerId: string, state: "open" | "half-open" | "closed") => void;
};

/** One call at a provider, told step by step. Exactly one of succeeded, failed and left ends it. */
export type Attempt = {
	/** Enough for a trial call: a long answer must not keep everybody else waiting. */
	firstText(): void;
	succeeded(): void;
	failed(error: AppError): void;
	/** The caller went away: says nothing about the provider. */
	left(): void;
};

export type ProviderHealth = {
	/** Never "busy": that is the limiter's to say. */
	stateOf(providerId: string): ProviderState;
	/** Undefined when the provider is not to be called now. */
	begin(providerId: string): Attempt | undefined;
};

type Breaker = {
	readonly policy: CircuitBreakerPolicy;
	/** Failures were told since the last success that was. */
	hasFailed: boolean;
	/** When a trial call is due, by Date.now(), as cockatiel counts. */
	trialAt: number;
	coolUntil: number;
	downUntil: number;
};

/** After a 429 that names no delay. */
const COOL_MS = 5_000;
/** A refused key does not heal by itself; somebody has to edit it. */
const REFUSED_KEY_MS = 60_000;

/** What this node knows about its providers: a breaker each, and the pauses they asked for. */
export function createProviderHealth(options: HealthOptions = {}): ProviderHealth {
	const breakers = new Map<string, Breaker>();

	function find(providerId: string): Breaker {
		const known = breakers.get(providerId);
		if (known !== undefined) return known;
		const made = createBreaker(providerId, options);
		breakers.set(providerId, made);
		return made;
	}

	return {
		stateOf: (providerId) => toState(find(providerId)),
		begin(providerId) {
			const breaker = find(providerId);
			return toState(breaker).kind === "up" ? createAttempt(breaker) : undefined;
		},
	};
}

function createBreaker(providerId: string, options: HealthOptions): Breaker {
	const { failuresMax = 5, halfOpenAfterMs = 5_000, halfOpenAfterMsMax = 60_000, onChange } = options;
	const breaker: Breaker = {
		policy: circuitBreaker(handleAll, {
			breaker: new ConsecutiveBreaker(failuresMax),
			halfOpenAfter: { next: () => toBackoff(halfOpenAfterMs) },
		}),
		hasFailed: false,
		trialAt: 0,
		coolUntil: 0,
		downUntil: 0,
	};
	function toBackoff(duration: number): IBackoff<unknown> {
		breaker.trialAt = Date.now() + duration;
		return { duration, next: () => toBackoff(Math.min(duration * 2, halfOpenAfterMsMax)) };
	}
	breaker.policy.onBreak(() => onChange?.(providerId, "open"));
	breaker.policy.onHalfOpen(() => onChange?.(providerId, "half-open"));
	breaker.policy.onReset(() => onChange?.(providerId, "closed"));
	return breaker;
}

function toState(breaker: Breaker): ProviderState {
	const now = Date.now();
	if (now < breaker.downUntil) return { kind: "down" };
	const { state } = breaker.policy;
	// While the one trial call runs, the others go elsewhere.
	if (state === CircuitState.HalfOpen) return { kind: "down" };
	if (state === CircuitState.Open && now < breaker.trialAt) return { kind: "down" };
	if (now < breaker.coolUntil) return { kind: "cooling", retryAfterMs: breaker.coolUntil - now };
	return { kind: "up" };
}

function createAttempt(breaker: Breaker): Attempt {
	return breaker.policy.state === CircuitState.Closed ? createUsual(breaker) : createTrial(breaker);
}

/** While all is well the policy hears of failures, and of the success that ends a row of them: it counts nothing else. */
function createUsual(breaker: Breaker): Attempt {
	const succeeded = (): void => {
		if (breaker.hasFailed) tell(breaker, undefined);
	};
	return {
		firstText: () => undefined,
		succeeded,
		left: () => undefined,
		failed(error) {
			if (isFault(breaker, error)) tell(breaker, error);
			else succeeded();
		},
	};
}

/** What began before the breaker opened says nothing to it: a trial does. */
function tell(breaker: Breaker, error: AppError | undefined): void {
	if (breaker.policy.state !== CircuitState.Closed) return;
	breaker.hasFailed = error !== undefined;
	const judged = breaker.policy.execute(async () => {
		if (error !== undefined) throw error;
	});
	judged.catch(() => undefined);
}

/** The one call that decides whether the breaker closes. */
function createTrial(breaker: Breaker): Attempt {
	const outcome = Promise.withResolvers<void>();
	// The policy judges the outcome; the call itself goes its own way.
	breaker.policy.execute(async () => await outcome.promise).catch(() => undefined);
	return {
		firstText: () => outcome.resolve(),
		succeeded: () => outcome.resolve(),
		// Nobody waited for it, so it proved nothing.
		left: () => outcome.reject(new Error("left before the first text")),
		failed(error) {
			if (isFault(breaker, error)) outcome.reject(error);
			else outcome.resolve();
		},
	};
}

/** False where the provider does its work: it asks for a pause, which is kept, or the request was wrong. */
function isFault(breaker: Breaker, error: AppError): boolean {
	if (error.code === "REQUEST_INVALID") return false;
	if (error.code === "ROUTER_RATE_LIMITED") {
		const asked = error.details["retryAfterMs"];
		breaker.coolUntil = Date.now() + (typeof asked === "number" ? asked : COOL_MS);
		return false;
	}
	if (error.details["cause"] === "credentials") breaker.downUntil = Date.now() + REFUSED_KEY_MS;
	return true;
}
