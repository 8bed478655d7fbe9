import { AppError } from "../../errors.ts";
import { isAbsent, refuse } from "../fields.ts";
import type { Dialect, JsonObject, Surface } from "../types.ts";
import { dropUnsignedThinking } from "../unsigned-thinking.ts";
import { anthropicToOpenAi } from "./anthropic-to-openai.ts";
import { openAiToAnthropic } from "./openai-to-anthropic.ts";
import { responsesToOpenAi } from "./responses-to-openai.ts";

/** Fields that only another surface has: two dialects in one body are a mistake, whoever gets to see it. */
const FOREIGN: Readonly<Record<Surface, readonly string[]>> = {
	openai: ["system", "stop_sequences", "anthropic_version"],
	anthropic: [
		"response_format",
		"stop",
		"max_completion_tokens",
		"stream_options",
		"reasoning_effort",
		"functions",
		"input",
	],
	responses: ["messages", "system", "stop_sequences", "response_format", "max_completion_tokens"],
};

/** The body for a provider of dialect `to`; `model` must be the provider's own name already, a few rules hang on it. */
export function toProviderBody(from: Surface, to: Dialect, body: JsonObject): JsonObject {
	const foreign = FOREIGN[from].find((field) => !isAbsent(body[field]));
	if (foreign !== undefined) refuse(foreign, "belongs to another dialect");
	if (from === "responses") {
		const chat = responsesToOpenAi(body);
		return to === "openai" ? chat : renameField(() => openAiToAnthropic(chat));
	}
	if (from === to) return from === "anthropic" ? dropUnsignedThinking(body) : body;
	return from === "openai" ? openAiToAnthropic(body) : anthropicToOpenAi(body);
}

/** The second of two steps complains about a message the caller never wrote; what he wrote is `input`. */
function renameField(translate: () => JsonObject): JsonObject {
	try {
		return translate();
	} catch (error) {
		if (!(error instanceof AppError) || !String(error.details["field"]).startsWith("messages")) throw error;
		throw new AppError(error.code, error.message, {
			cause: error,
			details: { ...error.details, field: "input" },
		});
	}
}
