import { failureTexts } from "../texts/errors.ts";
import { pipelineTexts } from "../texts/pipeline.ts";
import type { Text } from "../texts/say.ts";
import { say } from "../texts/say.ts";
import type { Language, Reply } from "./message.ts";
import type { PipelineDeps } from "./pipeline-deps.ts";
import type { TurnOutcome } from "./turn.ts";

/** What somebody said in answer, and how it ended. */
export type AnswerText = {
	readonly text: string;
	/** As CallResult. */
	readonly outcome: "complete" | "length" | "stopped" | "cut";
};

/** What is said of an end that was no proper one. */
export type EndTexts = { readonly stopped: Text; readonly cut: Text };

/** The answer as it is shown, with what is to be said about its end. Pure. */
export function toAnswerReplies(
	{ text, outcome }: AnswerText,
	language: Language,
	ends: EndTexts = pipelineTexts,
): readonly Reply[] {
	if (text.trim() === "") return [{ markdown: say(pipelineTexts.emptyAnswer, language) }];
	const answer = { markdown: text };
	switch (outcome) {
		case "complete":
			return [answer];
		case "length":
			return [answer, { markdown: say(pipelineTexts.tooLong, language) }];
		case "stopped":
			return [answer, { markdown: say(ends.stopped, language) }];
		case "cut":
			return [
				answer,
				{
					markdown: say(ends.cut, language),
					buttons: [[{ label: say(failureTexts.retryButton, language), data: "retry" }]],
				},
			];
	}
}

/** What is remembered of a question and its answer; undefined where nothing was said. */
export async function toMemory(
	{ countTokens }: Pick<PipelineDeps, "countTokens">,
	question: string,
	answer: string,
): Promise<TurnOutcome["memory"]> {
	if (answer.trim() === "") return undefined;
	const [questionTokens, answerTokens] = await Promise.all([countTokens(question), countTokens(answer)]);
	return [
		{ role: "user", content: question, tokens: questionTokens },
		{ role: "assistant", content: answer, tokens: answerTokens },
	];
}
