import { setTimeout as sleep } from "node:timers/promises";
import type { FakeChat } from "../../../bots/telegram/testing/fake-chat.ts";
import type { FakeBot, FakeTelegram } from "../../../bots/telegram/testing/fake-telegram.ts";
import { startFakeTelegram } from "../../../bots/telegram/testing/fake-telegram.ts";
import { percentile, round } from "./figures.ts";
import type { Poster } from "./poster.ts";
import { openPoster } from "./poster.ts";
import { answerTo, FIRST_CHAT_ID, toQuestion } from "./questions.ts";
import { serve } from "./serve.ts";
import type { UpdateTarget } from "./update-request.ts";

export type TalkRequest = {
	readonly ms: number;
	/** Questions asked and not answered yet, at most; never two in one chat. */
	readonly outstanding: number;
	/** Questions at most; as many as there is time for unless told. */
	readonly questions?: number;
};

export type TalkResult = {
	/** Answers whose final edit arrived while the clock ran, and the time it ran. */
	readonly answered: number;
	readonly elapsedMs: number;
	/** Those with them that were answered after the clock had stopped. */
	readonly answeredInAll: number;
	/** From the question to the final edit. */
	readonly p50Ms: number;
	readonly p99Ms: number;
	/** Answered in each second of it. */
	readonly perSecond: readonly number[];
	/** True: the people had nothing more to ask, for nobody asks faster than the bot lets him. */
	readonly isOutOfQuestions: boolean;
};

export type TalkCheck = {
	readonly asked: number;
	readonly answeredOnce: number;
	readonly missing: number;
	readonly wrong: number;
	readonly twice: number;
	/** Placeholders that never became anything. */
	readonly orphans: number;
	/** Posts the webhook did not acknowledge. */
	readonly refusedPosts: number;
};

type Person = { readonly chat: FakeChat; asked: number; expected: string | undefined; askedAt: number };

/** A minute's allowance of one person, less one for the greeting and one to spare. */
const QUESTIONS_MAX = 18;
/** How long after its time a run may take to come to its end. */
const PATIENCE_MS = 15_000;
const GREET_MS = 30_000;
const GREET_EACH_MS = 25;
const QUIET_MS = 400;

const people: Person[] = [];
/** Who may ask, the one who has waited longest first; the order goes on from one talk to the next. */
const free: Person[] = [];
const byChat = new Map<number, Person>();
let telegram: FakeTelegram | undefined;
let bot: FakeBot | undefined;
let poster: Poster | undefined;
let calls = 0;
let onAnswer: (person: Person) => void = () => undefined;

/** Telegram, and so many people in it. spacing: what lies between the ids of two who write. */
async function start({
	token,
	chats,
	spacing = 1,
}: {
	readonly token: string;
	readonly chats: number;
	readonly spacing?: number;
}): Promise<{ apiRoot: string }> {
	const started = await startFakeTelegram({ seed: Date.now() });
	telegram = started;
	const added = started.addBot({ token });
	bot = added;
	for (let at = 0; at < chats; at += 1) {
		const chat = added.privateChat({ id: FIRST_CHAT_ID + at * spacing, language_code: "en" });
		const person: Person = { chat, asked: 0, expected: undefined, askedAt: 0 };
		people.push(person);
		free.push(person);
		byChat.set(chat.id, person);
	}
	started.onCall = ({ method, chatId, status }) => {
		calls += 1;
		if (method !== "editMessageText" || status !== 200 || chatId === undefined) return;
		const person = byChat.get(chatId);
		if (person?.expected === undefined || person.chat.visibleTexts().at(-1) !== person.expected) return;
		person.expected = undefined;
		onAnswer(person);
	};
	return { apiRoot: started.url };
}

/** From now on updates are posted to that webhook: by bare sockets, since an HTTP client would take a third of the core. */
async function connect(target: UpdateTarget): Promise<void> {
	if (bot === undefined) throw new Error("there is no bot yet");
	const { updates, webhook } = bot;
	webhook.remove(true);
	const opened = await openPoster(target, (updateId) => updates.confirm(updateId));
	updates.onPush = (update) => opened.post(update);
	poster = opened;
}

/** Everybody says hello, so that accounts and lanes exist; what else a newcomer is told has arrived before it ends. */
async function greet({ outstanding }: { readonly outstanding: number }): Promise<void> {
	const waiting = [...people];
	let under = 0;
	const { promise: over, resolve } = Promise.withResolvers<void>();
	onAnswer = () => {
		under -= 1;
		next();
	};
	function next(): void {
		while (under < outstanding) {
			const person = waiting.pop();
			if (person === undefined) break;
			under += 1;
			// The answer is followed by a word of welcome: it is not the newest message for long.
			ask(person, 0);
		}
		if (under === 0 && waiting.length === 0) resolve();
	}
	next();
	await within(over, GREET_MS + people.length * GREET_EACH_MS);
	await untilQuiet();
}

/** Questions in turn, each person's next one when he has the answer to his last. */
async function talk({
	ms,
	outstanding,
	questions = Number.POSITIVE_INFINITY,
}: TalkRequest): Promise<TalkResult> {
	await poster?.reopen();
	const startedAt = performance.now();
	const end = startedAt + ms;
	const latencies: number[] = [];
	const perSecond = Array.from({ length: Math.ceil(ms / 1_000) }, () => 0);
	let asked = 0;
	let under = 0;
	let isOutOfQuestions = false;
	const { promise: over, resolve } = Promise.withResolvers<void>();

	function next(): void {
		while (under < outstanding && asked < questions && performance.now() < end) {
			const person = free.shift();
			if (person === undefined) {
				isOutOfQuestions = true;
				break;
			}
			under += 1;
			asked += 1;
			ask(person, person.asked + 1);
		}
		if (under === 0) resolve();
	}
	onAnswer = (person) => {
		const now = performance.now();
		under -= 1;
		if (now <= end) {
			latencies.push(now - person.askedAt);
			const second = Math.trunc((now - startedAt) / 1_000);
			perSecond[second] = (perSecond[second] ?? 0) + 1;
		}
		if (person.asked < QUESTIONS_MAX) free.push(person);
		next();
	};
	next();
	await within(over, ms + PATIENCE_MS);
	await untilQuiet();
	const sorted = Float64Array.from(latencies);
	return {
		answered: latencies.length,
		elapsedMs: ms,
		answeredInAll: asked,
		p50Ms: round(percentile(sorted, 0.5), 1),
		p99Ms: round(percentile(sorted, 0.99), 1),
		perSecond,
		isOutOfQuestions,
	};
}

function ask(person: Person, number: number): void {
	const question = toQuestion(number);
	person.asked = number;
	person.expected = answerTo(question);
	person.askedAt = performance.now();
	person.chat.sendText(question);
}

/** Looks through every chat: each question has one answer, the right one, and nothing is left half said. */
function check(): TalkCheck {
	const refusedPosts = poster?.refused() ?? 0;
	const found = { asked: 0, answeredOnce: 0, missing: 0, wrong: 0, twice: 0, orphans: 0, refusedPosts };
	for (const { chat } of people) {
		const said = chat.visibleMessages();
		found.orphans += said.filter(({ text }) => text === "…").length;
		for (const question of chat.messages().filter(({ from }) => !from.is_bot)) {
			found.asked += 1;
			const answers = said.filter(({ replyToMessageId }) => replyToMessageId === question.messageId);
			if (answers.length === 0) found.missing += 1;
			else if (answers.length > 1) found.twice += 1;
			else if (answers[0]?.text !== answerTo(question.text)) found.wrong += 1;
			else found.answeredOnce += 1;
		}
	}
	return found;
}

/** Nothing was said for a while: whatever could come after an answer has come. */
async function untilQuiet(): Promise<void> {
	let seen = -1;
	while (seen !== calls) {
		seen = calls;
		await sleep(QUIET_MS);
	}
}

/** @throws Error that shows what somebody who still waits has read */
async function within(work: Promise<void>, ms: number): Promise<void> {
	const { promise: late, reject } = Promise.withResolvers<never>();
	const timer = setTimeout(() => {
		const waiting = people.filter(({ expected }) => expected !== undefined);
		const texts = waiting[0]?.chat.visibleTexts().slice(-2);
		reject(
			new Error(`${waiting.length} people were not answered; one of them reads ${JSON.stringify(texts)}`),
		);
	}, ms);
	await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

serve({ start, connect, greet, talk, check }, async () => {
	poster?.close();
	await telegram?.close();
});
