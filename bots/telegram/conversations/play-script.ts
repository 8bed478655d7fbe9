import type { DialogueAnswer, DialogueScript } from "../../../core/dialogues/script.ts";
import type { Inbound, Reply } from "../../../core/pipeline/message.ts";

/** What a conversation engine lends to a script. */
export type Stage<Mark> = {
	say(reply: Reply): Promise<void>;
	/** Waits for the next event. */
	hear(): Promise<void>;
	/** Runs once, and is remembered by every replay. */
	once<Result>(task: () => Result): Promise<Result>;
	mark(): Mark;
	/** Forgets everything since the mark, so that wrong answers do not pile up in what is stored. Never returns. */
	rewind(mark: Mark): Promise<never>;
	/** The event being played; only the newest is ever asked for. */
	readonly inbound: Inbound;
};

/** The steps of a script, one after the other. Undefined: cancelled. */
export async function playScript<Draft, Mark>(
	script: DialogueScript<Draft>,
	stage: Stage<Mark>,
): Promise<Draft | undefined> {
	let draft = script.start;
	for (const step of script.steps) {
		await stage.say(script.ask(step, draft));
		const mark = stage.mark();
		await stage.hear();
		const before = draft;
		const answer: DialogueAnswer<Draft> = await stage.once(() => script.answer(step, before, stage.inbound));
		if (answer.kind === "next") {
			draft = answer.draft;
			continue;
		}
		await stage.say(answer.reply);
		if (answer.kind === "cancelled") return undefined;
		await stage.rewind(mark);
	}
	return draft;
}
