import { AppError } from "../../core/errors.ts";
import type { Provider, ProviderEndpoint } from "../../core/providers/provider.ts";

/** What one test call showed. `words` say it to the operator, and what to do; what the vendor said is in them, without the key. */
export type Verdict =
	| { readonly kind: "works"; readonly ms: number; readonly words: string }
	| { readonly kind: FailureKind; readonly words: string };

export type FailureKind =
	| "key-refused"
	| "forbidden"
	| "no-money"
	| "model-unknown"
	| "nothing-there"
	| "address-refused"
	| "unreachable"
	| "times-out"
	| "busy"
	| "request-refused"
	| "wrong-dialect"
	| "vendor-failed"
	| "proxy-dead";

/** The smallest some vendors accept. */
const OUTPUT_TOKENS = 16;
const SAID_LENGTH_MAX = 160;

/** Vendors' words for an empty purse: OpenAI, Anthropic, DeepSeek, Moonshot, DashScope, Zhipu (code 1113). */
const NO_MONEY =
	/insufficient.{0,12}(quota|balance|fund|credit)|credit balance|exceeded.{0,20}quota|arrear|overdue|code\W{1,4}1113|余额|欠费/i;
const MODEL = /model|模型/i;
const UNKNOWN = /not.{0,16}(exist|found|support|available|access)|unknown|invalid|no such|不存在/i;

/** One real call through the product's own adapter and its only way out: the smallest question there is. Never throws for a failed call. */
export async function tryModel(
	provider: Provider,
	endpoint: ProviderEndpoint,
	model: string,
): Promise<Verdict> {
	const startedAt = performance.now();
	const request = {
		model,
		messages: [{ role: "user", content: "Say OK." }],
		maxOutputTokens: OUTPUT_TOKENS,
	} as const;
	try {
		for await (const event of provider.stream(endpoint, request, new AbortController().signal)) {
			if (event.kind === "end" && event.finishReason === "cut") {
				return { kind: "wrong-dialect", words: "the answer broke off in the middle" };
			}
		}
		const ms = Math.round(performance.now() - startedAt);
		return { kind: "works", ms, words: `works: ${ms} ms` };
	} catch (error) {
		if (error instanceof AppError) return toVerdict(error, endpoint, model);
		throw error;
	}
}

function toVerdict(error: AppError, { baseUrl, timeouts }: ProviderEndpoint, model: string): Verdict {
	const status = error.details["status"];
	const code = typeof status === "number" ? ` (${status})` : "";
	const said = toSaid(error.message);
	if (status === 402 || NO_MONEY.test(said)) {
		return {
			kind: "no-money",
			words: `the key is good, but its account has no money left${code}: top it up`,
		};
	}
	if (status === 401) {
		return {
			kind: "key-refused",
			words: `the key is refused${code}: is it whole, and is it for ${baseUrl}?`,
		};
	}
	if (isModelUnknown(status, said)) {
		return { kind: "model-unknown", words: `the vendor knows no model ${model}${code}, or not for this key` };
	}
	if (status === 403) {
		const words = `refused${code}: the key may not use ${model}, or not from this network${said}`;
		return { kind: "forbidden", words };
	}
	if (status === 404 || status === 405) {
		return {
			kind: "nothing-there",
			words: `there is no such API at ${baseUrl}${code}: is the base URL right?`,
		};
	}
	return toOtherVerdict(error, `${code}${said}`, { baseUrl, timeouts });
}

function toOtherVerdict(
	error: AppError,
	said: string,
	{ baseUrl, timeouts }: Pick<ProviderEndpoint, "baseUrl" | "timeouts">,
): Verdict {
	if (error.code === "ROUTER_TIMEOUT") {
		const words = `times out: no answer in ${timeouts.firstByteMs} ms${said}; is it up, and reachable from here?`;
		return { kind: "times-out", words };
	}
	if (error.code === "ROUTER_RATE_LIMITED") {
		return { kind: "busy", words: `the key is good, but the vendor asks to wait${said}: try again later` };
	}
	if (error.code === "REQUEST_INVALID") {
		return { kind: "request-refused", words: `the vendor refuses the test question${said}` };
	}
	switch (error.details["cause"]) {
		case "refused-address":
			return {
				kind: "address-refused",
				words: `the address is refused${said}; for a server in your own network add --allow-private`,
			};
		case "unreachable":
		case "reset":
			return { kind: "unreachable", words: `${baseUrl} cannot be reached${said}` };
		case "protocol":
			return {
				kind: "wrong-dialect",
				words: `it answers, but not as this dialect does${said}; is --dialect right?`,
			};
		default:
			return { kind: "vendor-failed", words: `the vendor itself fails${said}: try again later` };
	}
}

function isModelUnknown(status: unknown, said: string): boolean {
	if (status === 404) return MODEL.test(said);
	return (status === 400 || status === 403 || status === 422) && MODEL.test(said) && UNKNOWN.test(said);
}

/** Ours begin "provider answered 400: ..."; the rest is what the vendor said. */
function toSaid(message: string): string {
	const said = message.replace(/^provider answered \d+: ?/, "").slice(0, SAID_LENGTH_MAX);
	return said === "" ? "" : `: ${said}`;
}
