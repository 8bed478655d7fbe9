import { httpProblem } from "../http-problem.ts";

/** How many streams one account may hold open on this node. */
export type StreamSeats = {
	/** @returns gives it back, once. @throws AppError RATE_LIMITED */
	take(accountId: string): () => void;
};

export function createStreamSeats(seatsMax: number): StreamSeats {
	const taken = new Map<string, number>();
	return {
		take(accountId) {
			const count = taken.get(accountId) ?? 0;
			if (count >= seatsMax) throw httpProblem("too-many-streams");
			taken.set(accountId, count + 1);
			return () => {
				const left = (taken.get(accountId) ?? 1) - 1;
				if (left > 0) taken.set(accountId, left);
				else taken.delete(accountId);
			};
		},
	};
}
