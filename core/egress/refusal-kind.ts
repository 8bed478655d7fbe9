/** What a vendor's refusal is about; its own words stay in our log: they name accounts and machines. */
export type RefusalKind = "no-money" | "too-long" | "other";

/** Codes of an empty purse: OpenAI, Anthropic, Moonshot, DashScope, Zhipu. */
const NO_MONEY_CODE =
	/^(?:insufficient_(?:quota|balance|funds)|billing_(?:error|not_active|hard_limit_reached)|exceeded_current_quota_error|Arrearage|1113)$/i;
/** Anthropic and DeepSeek say it in words alone. */
const NO_MONEY_WORDS = /^(?:Your (?:account's |organization's )?credit balance|Insufficient Balance)/i;

/** In the words of OpenAI, Anthropic, DeepSeek, Moonshot, DashScope and vLLM. */
const TOO_LONG =
	/context_length_exceeded|string_above_max_length|(?:maximum|max) context length|(?:request|input|prompt)\b.{0,40}\b(?:too large|too long|exceeds)|range of input length/i;

/** `text`: the refusal's body, or the beginning of it. */
export function toRefusalKind(status: number, text: string): RefusalKind {
	if (isAboutMoney(text)) return "no-money";
	return status === 413 || TOO_LONG.test(text) ? "too-long" : "other";
}

/**
 * Only where a vendor speaks for itself: its own code, and the beginning of its sentence. What a customer wrote and the vendor
 * repeats must not take the vendor out for everybody.
 */
function isAboutMoney(text: string): boolean {
	const error = readError(text);
	const isCode = [error["code"], error["type"]].some((code) => NO_MONEY_CODE.test(String(code)));
	return isCode || NO_MONEY_WORDS.test(String(error["message"]));
}

function readError(text: string): Readonly<Record<string, unknown>> {
	try {
		const body = toObject(JSON.parse(text));
		return "error" in body ? toObject(body["error"]) : body;
	} catch {
		return {};
	}
}

function toObject(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
