import type { Core } from "../../../core/core.ts";
import type { HttpLog } from "../http-log.ts";

/** Who on this node still waits for which message. */
export type Audience = {
	/** The returned function is called once, when this caller is gone; `isStop` when nobody could fetch the answer later. */
	join(inboxId: string): (isStop: boolean) => void;
};

/** When the last caller leaves before the answer, the turn is stopped and the bill with it. */
export function createAudience(core: Pick<Core, "requestStop">, log: HttpLog): Audience {
	const counts = new Map<string, number>();
	return {
		join(inboxId) {
			counts.set(inboxId, (counts.get(inboxId) ?? 0) + 1);
			return (isStop) => {
				const left = (counts.get(inboxId) ?? 1) - 1;
				if (left > 0) counts.set(inboxId, left);
				else counts.delete(inboxId);
				if (!isStop || left > 0) return;
				core
					.requestStop(inboxId)
					.catch((error: unknown) => log.warn({ err: error, inboxId }, "a left answer could not be stopped"));
			};
		},
	};
}
