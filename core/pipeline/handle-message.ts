import { findCodes } from "../bind-codes/find-codes.ts";
import { AppError } from "../errors.ts";
import type { MediaContent } from "../media/answer-media.ts";
import { answerMedia } from "../media/answer-media.ts";
import { formatTokens } from "../texts/format.ts";
import { pipelineTexts } from "../texts/pipeline.ts";
import type { Text } from "../texts/say.ts";
import { say } from "../texts/say.ts";
import type { Language, Reply } from "./message.ts";
import { SILENCE, toFailure, toOutcome } from "./outcomes.ts";
import type { PipelineDeps } from "./pipeline-deps.ts";
import { admitStranger } from "./stages/admit-stranger.ts";
import { askInstance } from "./stages/ask-instance.ts";
import type { Question } from "./stages/ask-model.ts";
import { askModel } from "./stages/ask-model.ts";
import { checkEvents, checkPace } from "./stages/check-pace.ts";
import { continueDialogue, startOnboarding } from "./stages/continue-dialogue.ts";
import { followInstance } from "./stages/follow-instance.ts";
import type { Caller } from "./stages/identify-sender.ts";
import { firstLanguage, identifySender } from "./stages/identify-sender.ts";
import { noteEvent } from "./stages/note-event.ts";
import { offerAgents } from "./stages/offer-agents.ts";
import { runCommandOrAction } from "./stages/run-command.ts";
import { warnOfQuota } from "./stages/warn-of-quota.ts";
import type { DialogueWrite, Turn, TurnOutcome } from "./turn.ts";

/** A further message of a burst whose first one too many was told. */
const TOO_FAST: TurnOutcome = {
	...SILENCE,
	result: { replies: [], error: { code: "RATE_LIMITED", retryable: true } },
};

/**
 * The life of one message, top to bottom. All branching is here; stages do not call each other. Failures a person should read
 * become an outcome with their code.
 *
 * @throws whatever is not an AppError (database trouble, a bug), and a lost lease's reason: the worker tries again or discards
 */
export async function handleMessage(deps: PipelineDeps, turn: Turn): Promise<TurnOutcome> {
	const codes = findCodes(turn.body);
	const outcome = await respond(deps, turn);
	return codes.length === 0 ? outcome : { ...outcome, forgets: codes };
}

async function respond(deps: PipelineDeps, turn: Turn): Promise<TurnOutcome> {
	const { sender } = turn.inbound;
	let language = firstLanguage(deps, sender);
	let zone = deps.settings.zoneDefault;
	try {
		const { content } = turn.inbound;
		if (content.kind === "follow") return await followInstance(deps, turn, content);
		const noted = await noteEvent(deps, turn);
		if (noted !== undefined || sender === undefined) return noted ?? SILENCE;
		const identity = await identifySender(deps, turn, sender);
		if (identity.kind === "stranger") return await admitStranger(deps, turn, identity);
		({ language, zone } = identity.caller.account);
		return await answer(deps, turn, identity.caller);
	} catch (error) {
		if (!(error instanceof AppError) || error.code === "INTERNAL") throw error;
		return toFailure(error, language, {
			zone,
			supportUrl: deps.settings.supportUrl,
			now: turn.receivedAt,
		});
	}
}

async function answer(deps: PipelineDeps, turn: Turn, caller: Caller): Promise<TurnOutcome> {
	if (checkEvents(deps, caller, turn.inbound.content) === "silent") return TOO_FAST;
	const dialogue = await continueDialogue(deps, turn, caller);
	if (dialogue !== undefined) return dialogue;

	const command = await runCommandOrAction(deps, turn, caller);
	switch (command?.kind) {
		case "foreign":
			return SILENCE;
		case "dialogue":
			return await startOnboarding(deps, turn, caller);
		case "reply": {
			const outcome = toOutcome(command.replies, command.dialogues);
			return command.toast === undefined ? outcome : { ...outcome, toast: command.toast };
		}
		case "retry": {
			if (checkPace(deps, caller) === "silent") return TOO_FAST;
			const { language } = caller.account;
			const before = command.refunded ? [{ markdown: say(pipelineTexts.refunded, language) }] : [];
			return await converse(deps, turn, caller, { text: command.text, before, after: [] });
		}
		case undefined:
			return await talk(deps, turn, caller);
	}
}

/** Plain words, or a picture with or without them. */
async function talk(deps: PipelineDeps, turn: Turn, caller: Caller): Promise<TurnOutcome> {
	const { content } = turn.inbound;
	if (checkPace(deps, caller) === "silent") return TOO_FAST;
	if (content.kind === "text") {
		return await converse(deps, turn, caller, { text: content.text, before: [], after: [] });
	}
	if (content.kind !== "media") return SILENCE;
	const { language } = caller.account;
	const media = answerMedia(withoutCode(content), {
		sender: caller.sender,
		dialogues: caller.context.dialogues,
		language,
	});
	switch (media.kind) {
		case "silent":
			return SILENCE;
		case "reply":
			return toOutcome(media.replies, media.dialogues);
		case "caption": {
			const question = { text: media.text, before: [{ markdown: media.note }], after: [] };
			return withDialogues(await converse(deps, turn, caller, question), media.dialogues);
		}
	}
}

/** A code is not for a model to read, nor for the history; beside a picture it is no command either. */
function withoutCode(content: MediaContent): MediaContent {
	const { caption, ...rest } = content;
	return findCodes(caption).length === 0 ? content : rest;
}

/** Intent, then the model, then what belongs under its answer. */
async function converse(
	deps: PipelineDeps,
	turn: Turn,
	caller: Caller,
	question: Question,
): Promise<TurnOutcome> {
	const offer = await offerAgents(deps, caller, question.text);
	const after = [...question.after, ...(offer === undefined ? [] : [offer]), ...welcome(caller)];
	const asked = await askInstance(deps, turn, caller, { ...question, after });
	const { outcome, chargedMicro } =
		asked.kind === "answered"
			? asked
			: await askModel(deps, turn, caller, { ...withNote(question, asked.note, caller), after });
	// What an instance spent is in the balance already.
	const isSpent = asked.kind === "answered" || chargedMicro > 0;
	const warning = isSpent ? await warnOfQuota(deps, caller, chargedMicro) : undefined;
	if (warning === undefined) return outcome;
	return { ...outcome, result: { ...outcome.result, replies: [...outcome.result.replies, warning] } };
}

function withNote(question: Question, note: Text | undefined, { account }: Caller): Question {
	if (note === undefined) return question;
	return { ...question, before: [...question.before, { markdown: say(note, account.language) }] };
}

/** Somebody whose first words were no /start is told once where he is. */
function welcome({ isNew, account, chat }: Caller): readonly Reply[] {
	if (!isNew || chat.kind === "group") return [];
	const { language } = account;
	return [{ markdown: say(pipelineTexts.welcome, language, { tokens: dailyTokens(account, language) }) }];
}

function dailyTokens({ subscription }: Caller["account"], language: Language): string {
	return formatTokens(subscription?.dailyTokens ?? 0, language);
}

function withDialogues(outcome: TurnOutcome, dialogues: readonly DialogueWrite[]): TurnOutcome {
	return { ...outcome, dialogues: [...(outcome.dialogues ?? []), ...dialogues] };
}
