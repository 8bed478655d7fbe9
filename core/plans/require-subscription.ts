import type { SubscriptionContext } from "../accounts/account.ts";
import { AppError } from "../errors.ts";

/**
 * The live subscription a turn is charged under.
 *
 * @throws AppError BILLING_SUBSCRIPTION_INACTIVE when there is none or its time is over. For the latter run
 *   `endSubscriptionOf` first and read the context again: the account falls back to the free plan at once.
 */
export function requireSubscription(subscription: SubscriptionContext | undefined): SubscriptionContext {
	if (subscription?.live !== true) {
		throw new AppError(
			"BILLING_SUBSCRIPTION_INACTIVE",
			subscription === undefined ? "no subscription" : "the subscription's time is over",
		);
	}
	return subscription;
}
