import type { Conversation, ConversationFlavor, VersionedState } from "@grammyjs/conversations";
import { conversations, createConversation } from "@grammyjs/conversations";
import { Api, Composer, Context } from "grammy";
import type { Update, UserFromGetMe } from "grammy/types";
import type { DialogueInput, DialogueOutput } from "../../../core/dialogues/script.ts";
import type { Chat, Reply } from "../../../core/pipeline/message.ts";
import { playScript } from "./play-script.ts";

type Outside = ConversationFlavor<Context>;
type Slot = { state: unknown };

/**
 * Plays one event of a dialogue with @grammyjs/conversations. What the conversation says is captured instead of sent, and its
 * storage lives for this one event, so that core commits replies and state together. Without a state, or with one that does
 * not fit the script any more, the dialogue begins. Drafts must survive JSON.
 * @throws what the script throws
 */
export async function runDialogue<Draft>(input: DialogueInput<Draft>): Promise<DialogueOutput<Draft>> {
	const failure: { ofScript?: unknown } = {};
	try {
		return await play(input, failure);
	} catch (error) {
		if (failure.ofScript !== undefined) throw failure.ofScript;
		if (input.state === undefined) throw error;
		// What was stored cannot be replayed. Asking again is better than a person who is stuck.
		return await play({ ...input, state: undefined }, failure);
	}
}

async function play<Draft>(
	{ script, state, inbound }: DialogueInput<Draft>,
	failure: { ofScript?: unknown },
): Promise<DialogueOutput<Draft>> {
	const replies: Reply[] = [];
	const slot: Slot = { state: structuredClone(state) };
	let finished: Draft | undefined;

	async function dialogue(conversation: Conversation<Context, Context>): Promise<void> {
		finished = await playScript(script, {
			say: async (reply) => await conversation.external(() => void replies.push(reply)),
			hear: async () => void (await conversation.wait()),
			once: async (task) => await conversation.external(() => guarded(task, failure)),
			mark: () => conversation.checkpoint(),
			rewind: async (mark) => await conversation.rewind(mark),
			inbound,
		});
	}

	const composer = new Composer<Outside>();
	composer.use(
		conversations<Outside, Context>({ storage: toStorage(slot, script) }),
		createConversation<Outside, Context>(dialogue, script.kind),
		async (context) => await context.conversation.enter(script.kind),
	);
	await composer.middleware()(toContext(inbound.chat), async () => {});
	return { replies, state: slot.state, ...(finished !== undefined && { finished }) };
}

function guarded<Result>(task: () => Result, failure: { ofScript?: unknown }): Result {
	try {
		return task();
	} catch (error) {
		failure.ofScript = error;
		throw error;
	}
}

/** One slot. The version holds the script's steps: what was stored for other steps would replay into nonsense. */
function toStorage(slot: Slot, script: { readonly kind: string; readonly steps: readonly string[] }) {
	return {
		type: "key" as const,
		version: `${script.kind}:${script.steps.join(",")}`,
		getStorageKey: () => "dialogue",
		adapter: {
			read: () => (isVersioned(slot.state) ? slot.state : undefined),
			write: (_: string, state: unknown) => {
				// Through JSON at once: what cannot be stored must not work by accident.
				slot.state = JSON.parse(JSON.stringify(state));
			},
			delete: () => {
				slot.state = undefined;
			},
		},
	};
}

function isVersioned(state: unknown): state is VersionedState<never> {
	return typeof state === "object" && state !== null && "version" in state && Array.isArray(state.version);
}

/** A conversation wants to know who it speaks for; nothing is ever sent with this. */
const NOBODY = { id: 0, is_bot: true, first_name: "dialogue", username: "dialogue" } as UserFromGetMe;

/** The least a conversation must see of an event. No words of the person: the stored state keeps what it saw. */
function toContext(chat: Chat): Outside {
	const place = { id: Number(chat.id), type: "private", first_name: "" };
	const update = { update_id: 0, message: { message_id: 0, date: 0, chat: place } } as unknown as Update;
	return new Context(update, new Api("0:dialogue"), NOBODY) as Outside;
}
