import { MICRO } from "../ledger/ledger.ts";
import type { WarningPercent } from "../ledger/warnings.ts";
import type { Language } from "../pipeline/message.ts";
import { warningNoResetTexts, warningTexts } from "../texts/billing.ts";
import { formatInstant, formatTokens } from "../texts/format.ts";
import { say } from "../texts/say.ts";

/** Where an account stands once a turn is settled; micro-tokens over all its live buckets. */
export type QuotaStand = {
	readonly grantedMicro: number;
	readonly leftMicro: number;
	/** Below this no further answer can be paid. */
	readonly answerMicro: number;
};

/** The highest warning this stand deserves; undefined below 80 %. Whether it was said before is the ledger's to know. */
export function findWarningPercent({
	grantedMicro,
	leftMicro,
	answerMicro,
}: QuotaStand): WarningPercent | undefined {
	if (grantedMicro <= 0) return undefined;
	if (leftMicro < answerMicro) return 100;
	const used = grantedMicro - leftMicro;
	if (used >= grantedMicro * 0.95) return 95;
	return used >= grantedMicro * 0.8 ? 80 : undefined;
}

/** One line under the answer, with the reset time in the account's own zone. */
export function renderQuotaWarning(
	percent: WarningPercent,
	stand: { readonly leftMicro: number; readonly resetsAt: Date | undefined; readonly zone: string },
	language: Language,
): string {
	const left = formatTokens(Math.floor(Math.max(0, stand.leftMicro) / MICRO), language);
	if (stand.resetsAt === undefined) return say(warningNoResetTexts[percent], language, { left });
	const when = formatInstant(stand.resetsAt, stand.zone, language);
	return say(warningTexts[percent], language, { left, when });
}
