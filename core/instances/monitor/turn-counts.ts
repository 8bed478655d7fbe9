import type { TurnCount } from "../../db/instance-samples.ts";
import type { InstanceAnswer, InstanceTalk } from "../talk.ts";

/** What goes through instances on this node, counted. */
export type TurnCounts = {
	/** The same talk, and what comes of it is counted. */
	count(talk: InstanceTalk): InstanceTalk;
	/** What was counted since the last time. Instances nobody talks to any more are left out. */
	take(): readonly TurnCount[];
};

/** A thread counts as a session for so long after its last message. */
const SESSION_MS = 900_000;
/** Remembered at a time; the longest silent are forgotten first. */
const THREADS_MAX = 20_000;

type Tally = { turns: number; turnsFailed: number };

export function createTurnCounts(nowMs: () => number = () => performance.now()): TurnCounts {
	const tallies = new Map<string, Tally>();
	/** Thread to its instance and its last message, the longest silent first. */
	const threads = new Map<string, { readonly instanceId: string; readonly atMs: number }>();

	function note(instanceId: string, isFailed: boolean): void {
		const tally = tallies.get(instanceId) ?? { turns: 0, turnsFailed: 0 };
		tally.turns += 1;
		if (isFailed) tally.turnsFailed += 1;
		tallies.set(instanceId, tally);
	}

	function noteThread(instanceId: string, thread: string): void {
		const name = `${instanceId} ${thread}`;
		threads.delete(name);
		threads.set(name, { instanceId, atMs: nowMs() });
		const oldest = threads.keys().next().value;
		if (threads.size > THREADS_MAX && oldest !== undefined) threads.delete(oldest);
	}

	return {
		count: (talk) => ({
			async ask(question, signal, onText) {
				const { instanceId, thread } = question;
				noteThread(instanceId, thread);
				try {
					const answer = await talk.ask(question, signal, onText);
					note(instanceId, hasFailed(answer));
					return answer;
				} catch (error) {
					// Whoever stopped it, or lost it, says nothing about the instance.
					if (!signal.aborted) note(instanceId, true);
					throw error;
				}
			},
		}),
		take() {
			const sessions = new Map<string, number>();
			for (const [name, { instanceId, atMs }] of threads) {
				if (nowMs() - atMs >= SESSION_MS) threads.delete(name);
				else sessions.set(instanceId, (sessions.get(instanceId) ?? 0) + 1);
			}
			const ids = new Set([...tallies.keys(), ...sessions.keys()]);
			const counts = [...ids].map((instanceId) => ({
				instanceId,
				...(tallies.get(instanceId) ?? { turns: 0, turnsFailed: 0 }),
				sessions: sessions.get(instanceId) ?? 0,
			}));
			tallies.clear();
			return counts;
		},
	};
}

function hasFailed(answer: InstanceAnswer): boolean {
	return answer.kind === "away" || answer.outcome === "cut";
}
