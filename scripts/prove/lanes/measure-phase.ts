import { setTimeout as sleep } from "node:timers/promises";
import type { FakeTelegram } from "../../../bots/telegram/testing/fake-telegram.ts";
import { percentile } from "../../bench/pipeline/figures.ts";
import type { Person } from "../flow/people.ts";
import { ANSWER } from "../flow/people.ts";

export type Phase = {
	readonly seconds: number;
	/** Questions a second, of all people together, whether or not the earlier ones are answered. */
	readonly perSecond: number;
};

export type Latencies = {
	readonly count: number;
	readonly p50Ms: number;
	readonly p99Ms: number;
	/** Not answered in time; each counts with the time it has waited. */
	readonly late: number;
};

/** Times the way from a question to its last edit. */
export type Clock = {
	measure(people: readonly Person[], phase: Phase): Promise<Latencies>;
};

const LATE_MS = 4_000;
const LOOK_MS = 20;
/** Messages of a chat that an edit may have been of. */
const RECENT = 3;

export function startClock(telegram: FakeTelegram, all: readonly Person[]): Clock {
	const byChat = new Map(all.map((person) => [person.chat.id, person]));
	const waiting = new Map<string, number>();
	let latencies: number[] = [];
	telegram.onCall = ({ method, chatId, status }) => {
		const person = chatId === undefined ? undefined : byChat.get(chatId);
		if (method !== "editMessageText" || status !== 200 || person === undefined) return;
		for (const text of person.chat.visibleTexts().slice(-RECENT)) {
			const [, , question] = ANSWER.exec(text) ?? [];
			const key = `${person.number}.${question}`;
			const askedAt = waiting.get(key);
			if (askedAt === undefined) continue;
			waiting.delete(key);
			latencies.push(performance.now() - askedAt);
		}
	};

	return {
		async measure(people, { seconds, perSecond }) {
			latencies = [];
			waiting.clear();
			const startedAt = performance.now();
			const total = seconds * perSecond;
			for (let at = 0; at < total; at += 1) {
				const waitMs = startedAt + (at * 1_000) / perSecond - performance.now();
				if (waitMs > 1) await sleep(waitMs);
				const person = people[at % people.length];
				if (person === undefined) continue;
				waiting.set(`${person.number}.${person.asked.length}`, startedAt + (at * 1_000) / perSecond);
				person.ask();
			}
			const end = performance.now() + LATE_MS;
			while (waiting.size > 0 && performance.now() < end) await sleep(LOOK_MS);
			const late = [...waiting.values()].map((askedAt) => performance.now() - askedAt);
			waiting.clear();
			const sorted = Float64Array.from([...latencies, ...late]).sort();
			return {
				count: sorted.length,
				p50Ms: Math.round(percentile(sorted, 0.5)),
				p99Ms: Math.round(percentile(sorted, 0.99)),
				late: late.length,
			};
		},
	};
}
