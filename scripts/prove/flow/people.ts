import type { FakeChat } from "../../../bots/telegram/testing/fake-chat.ts";
import type { FakeUser } from "../../../bots/telegram/testing/fake-state.ts";
import type { FakeBot } from "../../../bots/telegram/testing/fake-telegram.ts";
import { toQuestion } from "./questions.ts";

/** Somebody who numbers what he says, so that every answer can be told from every other. */
export type Person = {
	readonly number: number;
	readonly chat: FakeChat;
	readonly user: FakeUser;
	/** Ids of his questions, in order. */
	readonly asked: readonly number[];
	/** Numbers of those the bot gave up and he sent once more by its button. */
	readonly resent: Set<number>;
	ask(): void;
};

/** What people can see in the end; all but `asked`, `answered` and the placeholders must be 0. */
export type Seen = {
	readonly asked: number;
	readonly answered: number;
	/** Questions without an answer. */
	readonly lost: number;
	/** Answers beyond the first, overwritten and deleted ones too. */
	readonly twice: number;
	/** Answers that stand above one to an earlier question. */
	readonly outOfOrder: number;
	/** Answers to somebody else's question, or that do not reply to their own. */
	readonly misplaced: number;
	/** Previews that never became an answer. */
	readonly unfinished: number;
	/** Placeholders that stayed; allowed. */
	readonly orphans: number;
	/** Questions that were under way at the end of five processes: the bot said so, and they were sent once more. */
	readonly givenUp: number;
};

export type PeopleOptions = {
	readonly bot: FakeBot;
	readonly count: number;
	/** Every so manieth is a group; 0: none. */
	readonly groupEvery?: number;
	/** Of the first of them. */
	readonly firstNumber?: number;
};

const FIRST_ID = 6_000_000_000;
const PLACEHOLDER = "…";
export const ANSWER = /^Answer (\d+)\.(\d+) is given\.$/;
const RESEND = "resend:";
const PREVIEW = / …$/;

export function gatherPeople({
	bot,
	count,
	groupEvery = 0,
	firstNumber = 0,
}: PeopleOptions): readonly Person[] {
	return Array.from({ length: count }, (_, place) => {
		const number = firstNumber + place;
		const isGroup = groupEvery > 0 && number % groupEvery === groupEvery - 1;
		const id = FIRST_ID + number;
		const user = { id, is_bot: false, first_name: `Person ${number}`, language_code: "en" };
		const chat = isGroup ? bot.group({ id: -id }) : bot.privateChat(user);
		const prefix = isGroup ? `@${bot.username} ` : "";
		const asked: number[] = [];
		return {
			number,
			chat,
			user,
			asked,
			resent: new Set<number>(),
			ask: () => void asked.push(chat.sendText(prefix + toQuestion(number, asked.length), { from: user })),
		};
	});
}

export function lookAt(people: readonly Person[]): Seen {
	const all = people.map(lookAtOne);
	const sum = (key: keyof Seen): number => all.reduce((total, one) => total + one[key], 0);
	return {
		asked: sum("asked"),
		answered: sum("answered"),
		lost: sum("lost"),
		twice: sum("twice"),
		outOfOrder: sum("outOfOrder"),
		misplaced: sum("misplaced"),
		unfinished: sum("unfinished"),
		orphans: sum("orphans"),
		givenUp: sum("givenUp"),
	};
}

/** Nothing is wrong but perhaps that answers are still to come. */
export function isClean(seen: Seen): boolean {
	return seen.twice === 0 && seen.outOfOrder === 0 && seen.misplaced === 0;
}

export function isFlawless(seen: Seen): boolean {
	return isClean(seen) && seen.lost === 0 && seen.unfinished === 0;
}

/** Up to `max` chats where something is wrong, as one reads them there. */
export function findExamples(people: readonly Person[], max = 3): readonly { readonly chat: number }[] {
	return people
		.filter((person) => !isFlawless(lookAtOne(person)))
		.slice(0, max)
		.map((person) => ({
			chat: person.chat.id,
			...lookAtOne(person),
			messages: person.chat
				.messages()
				.map(({ messageId, replyToMessageId, text, deleted }) =>
					[
						messageId,
						...(replyToMessageId === undefined ? [] : [`re ${replyToMessageId}`]),
						text,
						...(deleted ? ["deleted"] : []),
					].join(" "),
				),
		}));
}

/** Presses the button under every question that was given up; false when there was none. */
export function resendGivenUp(people: readonly Person[]): boolean {
	let isAny = false;
	for (const { chat, user, asked, resent } of people) {
		for (const { buttons, replyToMessageId } of chat.visibleMessages()) {
			const data = buttons
				?.flat()
				.find(({ callback_data }) => callback_data?.startsWith(RESEND))?.callback_data;
			const question = asked.indexOf(replyToMessageId ?? 0);
			if (data === undefined || question < 0 || resent.has(question)) continue;
			resent.add(question);
			chat.pressButton(data, { from: user });
			isAny = true;
		}
	}
	return isAny;
}

function lookAtOne({ number, chat, asked, resent }: Person): Seen {
	const said = chat.messages().filter(({ from }) => from.is_bot);
	const found = said.flatMap((message) => {
		// Once seen is seen: what was overwritten or deleted counts as well.
		const texts = new Set(message.history);
		return [...texts].flatMap((text) => {
			const [, person, question] = ANSWER.exec(text) ?? [];
			if (person === undefined) return [];
			const isOwn = Number(person) === number && message.replyToMessageId === asked[Number(question)];
			return [{ question: Number(question), isOwn, isVisible: !message.deleted && message.text === text }];
		});
	});
	const visible = found.filter(({ isVisible }) => isVisible).map(({ question }) => question);
	const inTurn = visible.filter((question) => !resent.has(question));
	const answered = new Set(visible);
	const texts = said.filter(({ deleted }) => !deleted).map(({ text }) => text);
	return {
		asked: asked.length,
		answered: answered.size,
		lost: asked.length - answered.size,
		twice: found.length - new Set(found.map(({ question }) => question)).size,
		outOfOrder: inTurn.filter((question, place) => question < (inTurn[place - 1] ?? -1)).length,
		misplaced: found.filter(({ isOwn }) => !isOwn).length,
		unfinished: texts.filter((text) => PREVIEW.test(text)).length,
		orphans: texts.filter((text) => text === PLACEHOLDER).length,
		givenUp: resent.size,
	};
}
