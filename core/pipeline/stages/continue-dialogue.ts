import type { OpenDialogue } from "../../accounts/account.ts";
import { recommend } from "../../agents/recommend.ts";
import { writeDialogue } from "../../dialogues/dialogues.ts";
import type { DialogueScript } from "../../dialogues/script.ts";
import { applyOnboarding } from "../../onboarding/apply-onboarding.ts";
import { belongsToDialogue } from "../../onboarding/belongs-to-dialogue.ts";
import { createOnboarding, ONBOARDING_KIND } from "../../onboarding/create-onboarding.ts";
import type { OnboardingDraft } from "../../onboarding/draft.ts";
import { toCommandContext } from "../command-context.ts";
import type { Reply } from "../message.ts";
import { toOutcome } from "../outcomes.ts";
import type { PipelineDeps } from "../pipeline-deps.ts";
import type { Turn, TurnOutcome } from "../turn.ts";
import type { Caller } from "./identify-sender.ts";

/** The answer to an open onboarding; undefined when none is open or this event is not for it. */
export async function continueDialogue(
	deps: PipelineDeps,
	turn: Turn,
	caller: Caller,
): Promise<TurnOutcome | undefined> {
	const stored = findOnboarding(caller);
	const username = deps.botUsername(caller.chat.platform, caller.chat.botId);
	if (stored === undefined || !belongsToDialogue(turn.inbound, username)) return undefined;
	return await playOnboarding(deps, turn, caller, stored);
}

/** Asks the first question, also when an older onboarding was left open. */
export async function startOnboarding(deps: PipelineDeps, turn: Turn, caller: Caller): Promise<TurnOutcome> {
	return await playOnboarding(deps, turn, caller, undefined);
}

async function playOnboarding(
	deps: PipelineDeps,
	turn: Turn,
	caller: Caller,
	stored: OpenDialogue | undefined,
): Promise<TurnOutcome> {
	const script = await toScript(deps, caller);
	const runDialogue = deps.dialogueEngine(caller.chat.platform, caller.chat.botId);
	const { inbound, body } = turn;
	const output = await runDialogue({ script, state: stored?.state, inbound, body });
	const replies: Reply[] = [...output.replies];
	if (output.finished !== undefined) replies.push(...(await finish(deps, turn, caller, output.finished)));
	const write = writeDialogue(caller.sender, ONBOARDING_KIND, stored ?? findOnboarding(caller), output.state);
	return toOutcome(replies, [write]);
}

async function toScript(deps: PipelineDeps, { account }: Caller): Promise<DialogueScript<OnboardingDraft>> {
	const catalog = await deps.loadCatalog();
	return createOnboarding({
		language: account.language,
		zone: account.zone,
		policy: account.policy,
		findZone: deps.commands.findZone,
		agents: catalog.agents,
		suggest: (text) => recommend(deps.matchIntents(text), catalog),
	});
}

async function finish(
	deps: PipelineDeps,
	turn: Turn,
	caller: Caller,
	draft: OnboardingDraft,
): Promise<readonly Reply[]> {
	const { agents } = await deps.loadCatalog();
	return await applyOnboarding(toCommandContext(deps, turn, caller), draft, agents);
}

function findOnboarding({ context }: Caller): OpenDialogue | undefined {
	return context.dialogues.find(({ kind }) => kind === ONBOARDING_KIND);
}
