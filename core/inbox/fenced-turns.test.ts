import { expect, test } from "@jest/globals";
import type { Knex } from "knex";
import { createFakeChannel } from "../testing/fake-channel.ts";
import { echo, toAnswer } from "../testing/message-flow.ts";
import { pollUntil } from "../testing/poll-until.ts";
import { useMessageFlow } from "../testing/use-message-flow.ts";

const flow = useMessageFlow();

test("what a cut-off turn has of an answer is not stored, even where its lease still holds", async () => {
	const channel = createFakeChannel();
	const node = flow.start({
		channel,
		leaseTtlMs: 600,
		handle: async (turn) => {
			if (turn.attempt > 1) return await echo(turn);
			await new Promise((resolve) => turn.signal.addEventListener("abort", resolve));
			return toAnswer("half of an ans", "Stopped.");
		},
	});
	const lock = await flow.db.transaction();
	await node.accept({ chatId: "1", text: "hi" });
	await pollUntil(() => node.turns.length === 1);
	// No renewal gets through, until the node gives the turn up by its own clock.
	await lock("lanes").forUpdate();
	await pollUntil(() => node.turns[0]?.signal.aborted === true);
	await lock.rollback();
	await flow.settle();
	expect(node.turns[0]?.signal.reason).toBe("fenced");
	expect(channel.visible("1")).toEqual(["<p>re: hi</p>"]);
});

test("a turn that was given up by the node's own clock gives its lane back, once it is over", async () => {
	const channel = createFakeChannel();
	const leaseTtlMs = 600;
	let lock: Knex.Transaction | undefined;
	const node = flow.start({
		channel,
		leaseTtlMs,
		handle: async (turn) => {
			if (turn.attempt > 1) return await echo(turn);
			await new Promise((resolve) => turn.signal.addEventListener("abort", resolve));
			// From here on its lease would hold for an hour.
			await lock?.raw("update lanes set lease_until = clock_timestamp() + interval '1 hour'");
			await lock?.commit();
			return await echo(turn);
		},
	});
	lock = await flow.db.transaction();
	await node.accept({ chatId: "1", text: "hi" });
	await pollUntil(() => node.turns.length === 1);
	await lock("lanes").forUpdate();
	await flow.settle();
	expect(node.turns.map(({ attempt }) => attempt)).toEqual([1, 2]);
	expect(channel.visible("1")).toEqual(["<p>re: hi</p>"]);
});
