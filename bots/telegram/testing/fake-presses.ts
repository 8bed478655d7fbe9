import { createHash } from "node:crypto";
import type { FakePerson } from "./fake-posts.ts";
import type { FakeMessage, FakeUser } from "./fake-state.ts";
import { toChatJson, toMessageJson, toUserJson } from "./fake-state.ts";

/** Presses the first button of that label or data; `messages` newest first. @throws Error when there is none */
export function pressButton(
	person: FakePerson,
	messages: readonly FakeMessage[],
	labelOrData: string,
	from: FakeUser,
): string {
	for (const message of messages) {
		const offered = message.buttons
			?.flat()
			.find(({ text, callback_data }) => text === labelOrData || callback_data === labelOrData);
		if (offered?.callback_data === undefined) continue;
		return press(person, offered.callback_data, toMessageJson(person.chat, message), from);
	}
	throw new Error(`no button "${labelOrData}" in sight`);
}

export function pressForged(person: FakePerson, data: string, messageId: number, from: FakeUser): string {
	const known = person.chat.messages.get(messageId);
	const inaccessible = { message_id: messageId, chat: toChatJson(person.chat), date: 0 };
	return press(person, data, known === undefined ? inaccessible : toMessageJson(person.chat, known), from);
}

function press(
	{ bot, chat, updates }: FakePerson,
	data: string,
	message: Readonly<Record<string, unknown>>,
	from: FakeUser,
): string {
	const number = bot.openQueries.size + bot.answeredQueries.size;
	const id = createHash("sha256").update(`${bot.me.id}:${chat.id}:${number}`).digest("hex").slice(0, 18);
	bot.openQueries.add(id);
	updates.push("callback_query", `user:${from.id}`, {
		id,
		from: toUserJson(from),
		message,
		chat_instance: String(chat.id),
		data,
	});
	return id;
}

/** @throws Error when no draft can be stopped */
export function pressStop({ chat, updates, queue }: FakePerson): void {
	const draft = [...chat.drafts.values()].findLast((one) => one.canStop);
	if (draft === undefined) throw new Error("no draft with a stop button in sight");
	updates.push("stopped_message_generation", queue, { chat: toChatJson(chat), draft_id: draft.draftId });
}

export function setReachable({ bot, chat, updates, queue, nowMs }: FakePerson, reachable: boolean): void {
	chat.blocked = !reachable;
	const [before, after] = reachable ? ["kicked", "member"] : ["member", "kicked"];
	updates.push("my_chat_member", queue, {
		chat: toChatJson(chat),
		from: toUserJson(chat.user ?? bot.me),
		date: Math.floor(nowMs() / 1000),
		old_chat_member: { user: bot.me, status: before },
		new_chat_member: { user: bot.me, status: after, until_date: 0 },
	});
}
