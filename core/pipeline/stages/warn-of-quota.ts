import type { Balance } from "../../ledger/ledger.ts";
import { MICRO } from "../../ledger/ledger.ts";
import { claimWarning } from "../../ledger/warnings.ts";
import { ANSWER_TOKENS_MIN } from "../../models/choose-route.ts";
import { findWarningPercent, renderQuotaWarning } from "../../warnings/quota-warning.ts";
import type { Reply } from "../message.ts";
import type { PipelineDeps } from "../pipeline-deps.ts";
import type { Caller } from "./identify-sender.ts";

/**
 * The 80 / 95 / 100 % line under an answer, once a bucket and level. Reservations of other turns under way count as free:
 * what they will cost is not known yet.
 *
 * @param chargedMicro what this answer costs; not in the balance yet
 */
export async function warnOfQuota(
	deps: Pick<PipelineDeps, "db" | "ledger">,
	{ account, chat }: Caller,
	chargedMicro: number,
): Promise<Reply | undefined> {
	if (chat.kind === "group") return undefined;
	const balance = await deps.ledger.balance(account.accountId);
	const leftMicro = balance.grantedMicro - balance.postedMicro - chargedMicro;
	const answerMicro = ANSWER_TOKENS_MIN * MICRO;
	const percent = findWarningPercent({ grantedMicro: balance.grantedMicro, leftMicro, answerMicro });
	const bucketId = firstBucketId(balance);
	if (percent === undefined || bucketId === undefined) return undefined;
	if (!(await claimWarning(deps.db, bucketId, percent))) return undefined;
	const stand = { leftMicro, resetsAt: balance.resetsAt, zone: account.zone };
	return { markdown: renderQuotaWarning(percent, stand, account.language) };
}

/** The bucket that is renewed first stands for the period; "0" has no row yet, so nothing was charged to it. */
function firstBucketId({ buckets }: Balance): string | undefined {
	const bucket = buckets.find(({ kind }) => kind === "daily") ?? buckets[0];
	return bucket === undefined || bucket.bucketId === "0" ? undefined : bucket.bucketId;
}
