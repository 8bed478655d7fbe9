/**
 * The few rules that hang on the model's name, which is the provider's own by the time a body is translated.
 * Source: Claude docs, "Adaptive thinking" and the notes on API version 2026-10-21; OpenAI docs, "Reasoning models";
 * read 2026-11-20.
 */
const OPENAI_REASONING = /^(?:openai\/)?(?:o\d|gpt-(?:[5-9]|\d\d))/;
const OPENAI_THOUGHTLESS = /^(?:openai\/)?(?:gpt-[34](?!\d)|chatgpt-)/;
const OPENAI = /^(?:openai\/)?(?:o\d|gpt-|chatgpt-)/;
const CLAUDE_OLD_ORDER = /claude-(?:instant|v?\d)/;
const CLAUDE_VERSION = /claude-[a-z]+-(\d+)(?:[-.](\d{1,2})(?!\d))?/;
/** Versions as major * 100 + minor. Claude models from here on think by effort; those before, and vendors who copy the dialect, by a budget. */
const ADAPTIVE_FROM = 406;
/** Claude models from here on answer after a schema; those before, and vendors who copy the dialect, do not know the field. */
const SCHEMAS_FROM = 401;
/** Claude models after this one refuse temperature, top_p and top_k. */
const SAMPLED_UP_TO = 406;

/** OpenAI's own newer models refuse temperature and top_p. */
export function isOpenAiReasoningModel(model: unknown): boolean {
	return typeof model === "string" && OPENAI_REASONING.test(model.toLowerCase());
}

/** OpenAI's own older models refuse whoever names an effort; what others do with it is theirs to say. */
export function mayKnowEffort(model: unknown): boolean {
	return typeof model !== "string" || !OPENAI_THOUGHTLESS.test(model.toLowerCase());
}

export function isOpenAiModel(model: unknown): boolean {
	return typeof model === "string" && OPENAI.test(model.toLowerCase());
}

/** The templates of many others refuse a system message that is not the first. */
export function takesSystemAnywhere(model: unknown): boolean {
	return isOpenAiModel(model);
}

/** True where thinking is asked for as `adaptive` with an effort, not as a budget. */
export function thinksAdaptively(model: unknown): boolean {
	const version = claudeVersion(model);
	return version !== undefined && version >= ADAPTIVE_FROM;
}

export function answersAfterSchema(model: unknown): boolean {
	const version = claudeVersion(model);
	return version !== undefined && version >= SCHEMAS_FROM;
}

export function acceptsSampling(model: unknown): boolean {
	const version = claudeVersion(model);
	return version === undefined || version <= SAMPLED_UP_TO;
}

/** Undefined for models of other makers; a Claude whose version cannot be told is taken for a new one. */
function claudeVersion(model: unknown): number | undefined {
	if (typeof model !== "string") return undefined;
	const name = model.toLowerCase();
	if (!name.includes("claude")) return undefined;
	if (CLAUDE_OLD_ORDER.test(name)) return 300;
	const [, major, minor = "0"] = CLAUDE_VERSION.exec(name) ?? [];
	return major === undefined ? Number.POSITIVE_INFINITY : Number(major) * 100 + Number(minor);
}
