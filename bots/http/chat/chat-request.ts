import { z } from "zod";
import type { ChatEventBody } from "../chat-event.ts";
import { chatEventBody } from "../chat-event.ts";
import { httpProblem } from "../http-problem.ts";

/** UTF-16 code units. */
const MESSAGE_LENGTH_MAX = 16_000;

const chatRequest = z.strictObject({
	message: z.string().max(MESSAGE_LENGTH_MAX).transform(toStorableText).pipe(z.string().regex(/\S/)),
	conversation: chatEventBody.shape.conversation.default("default"),
	stream: z.boolean().default(false),
	policy: chatEventBody.shape.policy,
});

export type ChatRequest = { readonly body: ChatEventBody; readonly stream: boolean };

/** @throws AppError 400 naming the first field that is missing, unknown or wrong. */
export function parseChatRequest(value: unknown, accountId: string): ChatRequest {
	const parsed = chatRequest.safeParse(value);
	if (!parsed.success)
		throw httpProblem("field-invalid", { field: nameField(parsed.error.issues[0]) }, parsed.error);
	const { stream, ...rest } = parsed.data;
	return { body: { accountId, ...rest }, stream };
}

/** PostgreSQL's jsonb takes neither NUL nor lone surrogates. */
function toStorableText(text: string): string {
	return text.replaceAll("\0", "").toWellFormed();
}

function nameField(issue: z.core.$ZodIssue | undefined): string {
	const name = issue?.code === "unrecognized_keys" ? issue.keys[0] : issue?.path[0];
	return String(name ?? "message").slice(0, 64);
}
