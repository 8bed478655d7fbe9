import { z } from "zod";
import type { Inbound, Reply } from "../pipeline/message.ts";
import type { DialogueEngine, DialogueInput, DialogueOutput, DialogueScript } from "./script.ts";
import { findTypedChoice } from "./typed-choice.ts";

/** question: what was asked last, which a wrong answer may have changed; its buttons are what a typed number counts. */
const stateSchema = z.object({
	version: z.literal(1),
	step: z.string(),
	draft: z.unknown(),
	question: z.object({
		markdown: z.string(),
		buttons: z.array(z.array(z.object({ label: z.string(), data: z.string() }))).optional(),
	}),
});

/**
 * Question and answer for channels without an engine of their own: stores the step, the draft and the open question as JSON.
 * A button may be pressed, typed by its number or typed by its label. A state it cannot read (from another version) begins
 * the dialogue anew.
 */
export const runPlainDialogue: DialogueEngine = async <Draft>({
	script,
	state,
	inbound,
}: DialogueInput<Draft>): Promise<DialogueOutput<Draft>> => {
	const stored = stateSchema.safeParse(state).data;
	if (stored === undefined || !script.steps.includes(stored.step)) {
		return ask(script, script.steps[0], script.start);
	}
	// Our own JSON of this script's own draft.
	const draft = stored.draft as Draft;
	const answer = script.answer(stored.step, draft, toPressed(inbound, stored.question as Reply));
	switch (answer.kind) {
		case "cancelled":
			return { replies: [answer.reply], state: undefined };
		case "again":
			return { replies: [answer.reply], state: toState(stored.step, draft, answer.reply) };
		case "next": {
			const next = script.steps[script.steps.indexOf(stored.step) + 1];
			if (next === undefined) return { replies: [], state: undefined, finished: answer.draft };
			return ask(script, next, answer.draft);
		}
	}
};

function ask<Draft>(script: DialogueScript<Draft>, step: string, draft: Draft): DialogueOutput<Draft> {
	const question = script.ask(step, draft);
	return { replies: [question], state: toState(step, draft, question) };
}

function toState(step: string, draft: unknown, question: Reply): z.infer<typeof stateSchema> {
	const { markdown, buttons } = question;
	return {
		version: 1,
		step,
		draft,
		question: { markdown, ...(buttons !== undefined && { buttons: buttons.map((row) => [...row]) }) },
	};
}

/** Forwarded words answer nothing by number or label: somebody else wrote them. */
function toPressed(inbound: Inbound, question: Reply): Inbound {
	const { content } = inbound;
	if (content.kind !== "text" || content.forwarded) return inbound;
	const button = findTypedChoice(question, content.text);
	if (button === undefined) return inbound;
	return { ...inbound, content: { kind: "action", actionId: "typed", data: button.data } };
}
