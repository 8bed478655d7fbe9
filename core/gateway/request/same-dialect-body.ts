import type { Dialect } from "../../dialects/types.ts";
import type { ScannedBody } from "./scan-body.ts";

/**
 * Fields that would let a caller speak for us or spend our money elsewhere: where a call goes and with which key, who the
 * user is, what the vendor keeps, and what it charges beside tokens (source: security, S23 and row 45).
 */
const STRIPPED: ReadonlySet<string> = new Set([
	...["api_base", "base_url", "api_key", "api_version", "organization", "custom_llm_provider", "provider"],
	...["extra_headers", "extra_body", "extra_query", "headers", "default_headers", "default_query"],
	...["user", "metadata", "safety_identifier", "store", "service_tier", "inference_geo"],
	...["models", "route", "routing", "fallbacks", "transforms", "plugins", "mock_response", "timeout"],
	...["mcp_servers", "container", "web_search_options", "betas", "n", "best_of"],
	...["speed", "enable_search", "search_options", "search_parameters", "enable_code_interpreter"],
	...["__proto__", "constructor", "prototype"],
]);

/** Fields whose values are ours; those that are undefined are left out. */
export type OwnFields = Readonly<Record<string, unknown>>;

/** True for what never goes on. */
export function isStripped(field: string): boolean {
	return STRIPPED.has(field);
}

/**
 * The caller's body with our fields in place of his: everything else goes on byte by byte, also what we do not know.
 * Of a name that occurs twice only the last goes on, so that nobody reads another one than we did.
 */
export function toSameDialectBody(bytes: Buffer, scanned: ScannedBody, own: OwnFields): Buffer {
	const opening = JSON.stringify(own).slice(0, -1);
	let separator = opening === "{" ? "" : ",";
	const kept: { readonly name: string; readonly start: number; readonly end: number }[] = [];
	let length = Buffer.byteLength(opening) + 1;
	for (const [field, { start, end }] of scanned.members) {
		if (isStripped(field) || Object.hasOwn(own, field)) continue;
		const name = `${separator}${JSON.stringify(field)}:`;
		separator = ",";
		kept.push({ name, start, end });
		length += Buffer.byteLength(name) + end - start;
	}
	const body = Buffer.allocUnsafe(length);
	let at = body.write(opening);
	for (const { name, start, end } of kept) {
		at += body.write(name, at);
		at += bytes.copy(body, at, start, end);
	}
	body.write("}", at);
	return body;
}

/** What we say of a call in each dialect. */
export function toOwnFields(
	dialect: Dialect,
	call: {
		readonly model: string;
		readonly outputTokensMax: number;
		readonly isStream: boolean;
		readonly userTag: string;
		/** OpenAI's own newer models refuse max_tokens; everybody else knows nothing but that. */
		readonly isOpenAi: boolean;
		/** Undefined: the caller's own. */
		readonly thinking: object | undefined;
	},
): OwnFields {
	const { model, outputTokensMax, isStream, userTag, isOpenAi, thinking } = call;
	if (dialect === "anthropic") {
		const own = { model, max_tokens: outputTokensMax, stream: isStream, metadata: { user_id: userTag } };
		return thinking === undefined ? own : { ...own, thinking };
	}
	return {
		model,
		stream: isStream,
		stream_options: isStream ? { include_usage: true } : undefined,
		max_tokens: isOpenAi ? undefined : outputTokensMax,
		max_completion_tokens: isOpenAi ? outputTokensMax : undefined,
		user: userTag,
	};
}
