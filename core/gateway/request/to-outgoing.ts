import { translateRequest } from "../../dialects/dialect.ts";
import type { Dialect, JsonObject, Surface } from "../../dialects/types.ts";
import { OWN_SIGNATURE } from "../../dialects/unsigned-thinking.ts";
import type { Place } from "../../models/exchange.ts";
import type { GatewayCall } from "../call.ts";
import { fitThinking } from "./fit-thinking.ts";
import type { OwnFields } from "./same-dialect-body.ts";
import { isStripped, toOwnFields, toSameDialectBody } from "./same-dialect-body.ts";

/** What is sent to a provider, and where. */
export type Outgoing = {
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string | Buffer;
};

/** Source: Anthropic API, "Versions", read 2026-11-20. */
const ANTHROPIC_VERSION = "2023-06-01";
/** The vendor's own host; a base URL holds no name before it. */
const OPENAI = /^https:\/\/api\.openai\.com(?:[:/]|$)/i;

/** As long as `developer"`. */
const SYSTEM_FOR_DEVELOPER = 'system"   ';

/** What the surfaces call the longest length; the first one that counts where there are two. */
const LIMITS: Readonly<Record<Surface, string>> = {
	openai: "max_completion_tokens",
	anthropic: "max_tokens",
	responses: "max_output_tokens",
};

/**
 * The caller's request as this place takes it: his own bytes where both speak the same dialect, else translated.
 *
 * @throws AppError REQUEST_INVALID where the dialect has no words for something in it
 */
export function toOutgoing(call: GatewayCall, place: Place, dialect: Dialect): Outgoing {
	const { endpoint, route, outputTokensMax } = place;
	const base = endpoint.baseUrl.replace(/\/+$/, "");
	if (call.kind === "embeddings") {
		const own = { model: route.model, user: call.userTag };
		const body = toSameDialectBody(call.bytes, call.scanned, own);
		return { url: `${base}/embeddings`, headers: toBearer(endpoint.apiKey), body };
	}
	const isSame = call.kind === dialect;
	const isOpenAi = OPENAI.test(endpoint.baseUrl);
	const own = toOwnFields(dialect, {
		model: route.model,
		outputTokensMax,
		isStream: call.fields.isStream,
		userTag: call.userTag,
		isOpenAi,
		thinking: isSame && dialect === "anthropic" ? fitThinking(call, outputTokensMax) : undefined,
	});
	const body =
		isSame && !hasOwnThoughts(call, dialect)
			? toSameDialectBody(isOpenAi ? call.bytes : withSystemRoles(call), call.scanned, own)
			: JSON.stringify(toTranslatedBody(translate(call, dialect, route.model, outputTokensMax), own));
	return dialect === "anthropic"
		? {
				url: `${base}/v1/messages`,
				headers: toAnthropicHeaders(endpoint.apiKey, isSame ? call : undefined),
				body,
			}
		: { url: `${base}/chat/completions`, headers: toBearer(endpoint.apiKey), body };
}

/** What OpenAI's newer models call a developer is the system to everybody else. Space fills the place, so that all else stays where it is. */
function withSystemRoles({ kind, bytes, scanned }: GatewayCall): Buffer {
	const messages = scanned.members.get("messages");
	const { developers } = scanned.media;
	if (kind !== "openai" || messages === undefined || developers.length === 0) return bytes;
	const renamed = Buffer.from(bytes);
	for (const at of developers) {
		if (at > messages.start && at < messages.end) renamed.write(SYSTEM_FOR_DEVELOPER, at, "latin1");
	}
	return renamed;
}

/** Where translating took the thinking away, no budget of ours brings it back. */
function toTranslatedBody(body: JsonObject, { thinking, ...own }: OwnFields): JsonObject {
	return thinking === undefined || body["thinking"] === undefined
		? { ...body, ...own }
		: { ...body, ...own, thinking };
}

/** Thoughts of another vendor's model, which Anthropic refuses: the call went elsewhere before. */
function hasOwnThoughts({ bytes }: GatewayCall, dialect: Dialect): boolean {
	return dialect === "anthropic" && bytes.includes(OWN_SIGNATURE);
}

/** The limit is put first: a translator leaves room below it for thinking, and what was paid for may be less than asked. */
function translate(call: GatewayCall, dialect: Dialect, model: string, outputTokensMax: number): JsonObject {
	const kept = Object.entries(call.context().request).filter(([field]) => !isStripped(field));
	if (call.kind === "embeddings") throw new TypeError("embeddings have one dialect");
	const body = { ...Object.fromEntries(kept), model, [LIMITS[call.kind]]: outputTokensMax };
	return translateRequest(call.kind, dialect, body);
}

/** A model on the local network may ask for no key. */
function toBearer(apiKey: string): Readonly<Record<string, string>> {
	return apiKey === "" ? {} : { authorization: `Bearer ${apiKey}` };
}

/** A translated body is of the version we translate to; the caller's own is of his. */
function toAnthropicHeaders(apiKey: string, call: GatewayCall | undefined): Readonly<Record<string, string>> {
	return { "anthropic-version": ANTHROPIC_VERSION, ...call?.vendorHeaders, "x-api-key": apiKey };
}
