import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { createFakeChannel } from "../testing/fake-channel.ts";
import { useMessageFlow } from "../testing/use-message-flow.ts";
import type { Claim } from "./claim.ts";
import { claimLanes, SUSPICION_MAX, suspicionOf } from "./claim.ts";

const flow = useMessageFlow();

/** Events of as many chats, each of which was under way so often without an end. */
async function store(count: number, attempts: number, values: object = {}): Promise<void> {
	const node = flow.start({ channel: createFakeChannel(), isStarted: false });
	const accepted = await Promise.all(
		Array.from({ length: count }, async (_, chat) => {
			return await node.accept({ chatId: `${attempts}-${chat}`, text: "hi" });
		}),
	);
	const ids = accepted.map(({ inboxId }) => inboxId);
	await flow
		.db("inbox")
		.whereIn("id", ids)
		.update({ attempts, ...values });
}

async function claim(suspicion?: number): Promise<readonly Claim[]> {
	const request = { owner: randomUUID(), bots: ["telegram:*"], ttlMs: 60_000, limit: 100 };
	return await claimLanes(flow.db, { ...request, ...(suspicion !== undefined && { suspicion }) });
}

describe("events that may have ended the processes they were under way in", () => {
	test.each([
		[0, 9],
		[1, 9],
		[2, 4],
		[3, 2],
		[4, 1],
		[5, 1],
		[7, 1],
	])("after %i tries without an end, %i of nine are worked on at a time", async (attempts, count) => {
		await store(9, attempts);
		const { rows } = await flow.db.raw<{ rows: { now: string }[] }>("select clock_timestamp()::text as now");
		const claims = await claim();
		expect(claims).toHaveLength(count);
		expect(claims.map((one) => one.attempts)).toEqual(claims.map(() => attempts + 1));
		// The others rest a moment, uncounted, and none is forgotten.
		expect(await flow.db("inbox").where({ attempts })).toHaveLength(9 - count);
		expect(await flow.db("lanes").where({ has_work: true })).toHaveLength(9);
		const resting = "next_at >= ?::timestamptz + interval '250 milliseconds'";
		expect(await flow.db("lanes").whereRaw(resting, [rows[0]?.now ?? ""])).toHaveLength(9 - count);
	});

	test("keep nobody else waiting, and come after those who are less likely to blame", async () => {
		await store(5, 4);
		await store(3, 2);
		await store(5, 0);
		const claims = await claim();
		expect(claims.map((one) => one.attempts).sort()).toEqual([1, 1, 1, 1, 1, 3, 3, 3]);
	});

	test("are not taken by a node that has enough of them", async () => {
		await store(4, 2);
		expect(await claim(0)).toEqual([]);
		await flow.passTime();
		expect(await claim(1)).toHaveLength(1);
		await flow.passTime();
		expect(await claim(3)).toHaveLength(3);
	});

	test("are under no suspicion once their answer is stored", async () => {
		await store(9, 4, { checkpointed_at: new Date() });
		expect(await claim()).toHaveLength(9);
	});

	test("weigh the same for the node as for the database", async () => {
		for (const attempts of [0, 1, 2, 3, 4, 5]) {
			await flow.db.raw("truncate inbox, lanes cascade");
			await store(1, attempts);
			const [one] = await claim();
			if (one === undefined) throw new Error("not claimed");
			const cost = suspicionOf(one);
			expect(cost).toBeLessThanOrEqual(SUSPICION_MAX);
			await flow.passTime();
			await flow.db("inbox").update({ attempts });
			expect(await claim(cost)).toHaveLength(1);
			await flow.passTime();
			await flow.db("inbox").update({ attempts });
			expect(await claim(cost - 1)).toHaveLength(cost === 0 ? 1 : 0);
		}
	});
});
