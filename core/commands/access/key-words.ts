import type { KeyTerms } from "../../gateway/key-grant.ts";
import { MICRO } from "../../ledger/ledger.ts";
import type { Language } from "../../pipeline/message.ts";
import { formatTokens } from "../../texts/format.ts";
import { keyLimitTexts } from "../../texts/keys.ts";
import type { Text } from "../../texts/say.ts";
import { say } from "../../texts/say.ts";

/** What a key may not, or may besides, in one line; undefined: it has no terms of its own. */
export function tellLimits(limits: Omit<KeyTerms, "source">, language: Language): string | undefined {
	const { dailyCapMicro, idleCapMicro, tiers, networks, mayNameSource } = limits;
	const tokens = (micro: number) => ({ tokens: formatTokens(Math.floor(micro / MICRO), language) });
	const parts: string[] = [];
	const add = (text: Text, values: Readonly<Record<string, string>> = {}) => {
		parts.push(say(text, language, values));
	};
	if (dailyCapMicro !== undefined) add(keyLimitTexts.cap, tokens(dailyCapMicro));
	if (idleCapMicro !== undefined) add(keyLimitTexts.idle, tokens(idleCapMicro));
	if (tiers !== undefined) add(keyLimitTexts.tiers, { tiers: tiers.join(", ") });
	if (networks !== undefined) add(keyLimitTexts.networks, { networks: networks.join(", ") });
	if (mayNameSource === true) add(keyLimitTexts.mayNameSource);
	return parts.length === 0 ? undefined : parts.join(language === "zh-CN" ? "；" : "; ");
}

/** True: the chat does not take it (its turns know the account alone). */
export function isForGatewayOnly({ dailyCapMicro, idleCapMicro, tiers, networks }: KeyTerms): boolean {
	return [dailyCapMicro, idleCapMicro, tiers, networks].some((limit) => limit !== undefined);
}
