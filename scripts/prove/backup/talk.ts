import { pollUntil } from "../../../core/testing/poll-until.ts";
import type { Node } from "../../compose/boot-node.ts";
import type { BackupWorld } from "./backup-world.ts";

export type Talk = {
	answered(): number;
	/** What came in place of an answer. */
	readonly failed: readonly string[];
	/** Until so many more were answered. */
	another(count: number): Promise<void>;
	stop(): Promise<void>;
};

/** Each person asks again as soon as he has his answer. */
export function startTalk(world: BackupWorld, node: Node, keys: readonly string[]): Talk {
	let answered = 0;
	let isOver = false;
	const failed: string[] = [];
	const talkers = keys.map(async (key) => {
		while (!isOver) {
			const { status, body } = await world.ask(node, key, `question ${answered}`);
			if (status === 200) answered += 1;
			else failed.push(`${status} ${JSON.stringify(body).slice(0, 200)}`);
			if (failed.length > 20) return;
		}
	});
	return {
		answered: () => answered,
		failed,
		async another(count) {
			const goal = answered + count;
			await pollUntil(() => answered >= goal || failed.length > 0, 60_000);
		},
		async stop() {
			isOver = true;
			await Promise.all(talkers);
		},
	};
}
