import type { Alert } from "../db/alerts.ts";
import type { Language } from "../pipeline/message.ts";
import { alertTexts, otherAlertText } from "../texts/alerts.ts";
import { quoteText } from "../texts/format.ts";
import { say } from "../texts/say.ts";

const WHY_LENGTH_MAX = 300;

/** An alert in words. */
export function sayAlert({ kind, instanceId, accountId, figure, why }: Alert, language: Language): string {
	const text = Object.hasOwn(alertTexts, kind) ? alertTexts[kind as keyof typeof alertTexts] : otherAlertText;
	return say(text, language, {
		...{ kind, instance: instanceId ?? "?", account: accountId ?? "?" },
		why: why === undefined ? "?" : quoteText(why, WHY_LENGTH_MAX),
		percent: Math.round((figure ?? 0) * 100),
		hours: Math.round(figure ?? 0),
	});
}
