import type { Gate } from "./limiter/limits.ts";
import type { CallTerms } from "./model-call.ts";
import type { ProviderEntry } from "./route-table.ts";

/** The calls of one account at a time, as its plan has them; one for those who are slowed down. */
export function toAccountGate(request: CallTerms, isSlowed: boolean): Gate {
	return { key: `a:${request.accountId}`, concurrency: isSlowed ? 1 : request.plan.concurrency };
}

/** The limits of a provider's key. The same gate for the same entry. */
export function toProviderGate(provider: ProviderEntry): Gate {
	const known = gates.get(provider);
	if (known !== undefined) return known;
	const { providerId, concurrency, requestsPerMinute, tokensPerMinute } = provider;
	const gate: Gate = { key: `p:${providerId}`, concurrency, rates: { requestsPerMinute, tokensPerMinute } };
	gates.set(provider, gate);
	return gate;
}

/** Entries never change, they are only replaced. */
const gates = new WeakMap<ProviderEntry, Gate>();
