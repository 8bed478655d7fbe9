import { expect, test } from "@jest/globals";
import { createFakeChannel } from "../testing/fake-channel.ts";
import { useMessageFlow } from "../testing/use-message-flow.ts";
import { deleteIdleLanes, deleteOldInbox } from "./retention.ts";

const flow = useMessageFlow();

async function age(days: number): Promise<void> {
	await flow.db.raw("update inbox set received_at = received_at - ? * interval '1 day'", [days]);
	await flow.db.raw("update lanes set next_at = next_at - ? * interval '1 day'", [days]);
}

test("finished events go after their time, with their parts; keys of younger ones stay", async () => {
	const node = flow.start({ channel: createFakeChannel() });
	await node.accept({ chatId: "1", text: "old" }, "old");
	await flow.settle();
	await age(31);
	await node.accept({ chatId: "1", text: "young" }, "young");
	await flow.settle();
	expect(await deleteOldInbox(flow.db, 30)).toBe(1);
	expect(await flow.db("inbox").pluck("event_id")).toEqual(["young"]);
	expect(await flow.parts()).toHaveLength(1);
	expect((await node.accept({ chatId: "1", text: "young" }, "young")).kind).toBe("duplicate");
});

test("what still waits is never deleted, and no key younger than two days", async () => {
	const node = flow.start({ channel: createFakeChannel(), isStarted: false });
	await node.accept({ chatId: "1", text: "waits" });
	await age(99);
	expect(await deleteOldInbox(flow.db, 30)).toBe(0);
	await flow.db.raw(
		"update inbox set status = 'done', received_at = clock_timestamp() - interval '47 hours'",
	);
	expect(await deleteOldInbox(flow.db, 0)).toBe(0);
	await age(1);
	expect(await deleteOldInbox(flow.db, 0)).toBe(1);
});

test("lanes without events go; a lane that comes back has a token nobody held", async () => {
	const node = flow.start({ channel: createFakeChannel() });
	await node.accept({ chatId: "1", text: "a" });
	await flow.settle();
	const before = await flow.db("lanes").first("token");
	await age(31);
	expect(await deleteIdleLanes(flow.db, 30)).toBe(0);
	await deleteOldInbox(flow.db, 30);
	expect(await deleteIdleLanes(flow.db, 30)).toBe(1);
	await node.accept({ chatId: "1", text: "b" });
	await flow.settle();
	const after = await flow.db("lanes").first("token");
	expect(BigInt(after?.token ?? 0)).toBeGreaterThan(BigInt(before?.token ?? 0));
});

test("deleting lanes races with accepting into them, and loses nothing", async () => {
	const node = flow.start({ channel: createFakeChannel(), isStarted: false });
	const lanes = Array.from({ length: 60 }, (_, chat) => `telegram:7:${chat}`);
	for (let round = 0; round < 4; round += 1) {
		await flow.db.raw("truncate inbox, outbox, lanes cascade");
		await flow.db("lanes").insert(lanes.map((lane) => ({ lane, has_work: false, next_at: "2020-01-01" })));
		const accepts = lanes.map(async (lane, chat) => {
			if (chat % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
			await node.accept({ chatId: String(chat), text: "hi" }, undefined, { lane });
		});
		await Promise.all([...accepts, deleteIdleLanes(flow.db, 30), deleteIdleLanes(flow.db, 30)]);
		const { rows } = await flow.db.raw<{ rows: { n: string }[] }>(
			"select count(*) as n from inbox i join lanes l on l.lane = i.lane where l.has_work and l.waiting = 1",
		);
		expect(rows[0]?.n).toBe("60");
	}
});
