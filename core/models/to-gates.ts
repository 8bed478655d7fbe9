import type { Gate } from "./limiter/limits.ts";
import type { CallTerms } from "./model-call.ts";
import type { ProviderEntry } from "./route-table.ts";

/** The calls of one account at a time, as its plan has them; one for those who are slowed down. */
export function toAccountGate(request: CallTerms, isSlowed: boolean): Gate {
	return { key: `a:${request.accountId}`, concurrency: isSlowed ? 1 : request.plan.concurrency };
}

/** The limits of a provider's key. */
export function toProviderGate(provider: ProviderEntry): Gate {
	const { providerId, concurrency, requestsPerMinute, tokensPerMinute } = provider;
	return { key: `p:${providerId}`, concurrency, rates: { requestsPerMinute, tokensPerMinute } };
}
