import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { InboundEvent } from "../core.ts";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { silentLog } from "../testing/silent-log.ts";
import { createInbox } from "./accept.ts";

let test1: TestDb;
beforeAll(async () => {
	test1 = await createTestDb();
});
afterAll(async () => await test1.destroy());
beforeEach(async () => {
	await test1.db.raw("truncate inbox, outbox, lanes cascade");
});

function event(overrides: Partial<InboundEvent> = {}): InboundEvent {
	return {
		platform: "telegram",
		botId: "7",
		eventId: "1",
		lane: "telegram:7:1",
		bodyJson: '{"text":"hello"}',
		queueMax: 20,
		...overrides,
	};
}

async function rowsOf(columns: readonly string[]): Promise<Record<string, unknown>[]> {
	return await test1.db("inbox").select(columns).orderBy("id");
}

async function laneOf(lane: string): Promise<Record<string, unknown> | undefined> {
	return await test1.db("lanes").where({ lane }).first("has_work", "waiting");
}

test("an event is stored with its body before accept resolves", async () => {
	const inbox = createInbox({ db: test1.db, log: silentLog() });
	const outcome = await inbox.accept(event());
	expect(outcome.kind).toBe("new");
	expect(await rowsOf(["id", "status", "body", "attempts"])).toEqual([
		{ id: outcome.inboxId, status: "ready", body: { text: "hello" }, attempts: 0 },
	]);
	expect(await laneOf("telegram:7:1")).toEqual({ has_work: true, waiting: 1 });
});

test("the same event a hundred times in parallel, through two nodes, is one row", async () => {
	const log = silentLog();
	const nodes = [createInbox({ db: test1.db, log }), createInbox({ db: test1.db, log })];
	const outcomes = await Promise.all(
		Array.from({ length: 100 }, async (_, index) => await nodes[index % 2]?.accept(event())),
	);
	expect(outcomes.filter((outcome) => outcome?.kind === "new")).toHaveLength(1);
	expect(outcomes.filter((outcome) => outcome?.kind === "duplicate")).toHaveLength(99);
	expect(new Set(outcomes.map((outcome) => outcome?.inboxId)).size).toBe(1);
	expect(await rowsOf(["event_id"])).toHaveLength(1);
	expect(await laneOf("telegram:7:1")).toEqual({ has_work: true, waiting: 1 });
	expect(log.lines).toEqual([]);
});

test("a known id with another body is stored under an id of our own, never executed, and raises an alert", async () => {
	const log = silentLog();
	const inbox = createInbox({ db: test1.db, log });
	const first = await inbox.accept(event());
	const forged = event({ bodyJson: '{"text":"other"}', lane: "telegram:7:666" });
	const conflict = await inbox.accept(forged);
	const again = await inbox.accept(forged);
	expect([conflict.kind, again.kind]).toEqual(["conflict", "conflict"]);
	expect(again.inboxId).toBe(conflict.inboxId);
	expect(conflict.inboxId).not.toBe(first.inboxId);
	expect(await rowsOf(["status"])).toEqual([{ status: "ready" }, { status: "conflict" }]);
	expect(await laneOf("telegram:7:666")).toEqual({ has_work: false, waiting: 0 });
	expect(log.lines[0]).toMatchObject({ level: "error", facts: { alert: "event_id_conflict", eventId: "1" } });
});

test("an event of which only a part is stored is known again by the hash of the whole", async () => {
	const inbox = createInbox({ db: test1.db, log: silentLog() });
	const whole = '{"text":"hello"}';
	const cut = { bodyJson: "{}", bodyHash: createHash("sha256").update(whole).digest("hex") };
	const outcomes = [
		// As a version that cut nothing stored it.
		await inbox.accept(event({ bodyJson: whole })),
		await inbox.accept(event(cut)),
		await inbox.accept(event({ eventId: "2", ...cut })),
		await inbox.accept(event({ eventId: "2", bodyJson: whole })),
		await inbox.accept(event({ eventId: "2", bodyJson: "{}" })),
	];
	expect(outcomes.map(({ kind }) => kind)).toEqual(["new", "duplicate", "new", "duplicate", "conflict"]);
});

test("new, duplicate and conflicting events of one batch each get their own answer, in order", async () => {
	const inbox = createInbox({ db: test1.db, log: silentLog() });
	await inbox.accept(event({ eventId: "2" }));
	const outcomes = await Promise.all([
		inbox.accept(event({ eventId: "1" })),
		inbox.accept(event({ eventId: "2" })),
		inbox.accept(event({ eventId: "3" })),
		inbox.accept(event({ eventId: "1" })),
		inbox.accept(event({ eventId: "3", bodyJson: '{"text":"forged"}' })),
	]);
	expect(outcomes.map((outcome) => outcome.kind)).toEqual([
		"new",
		"duplicate",
		"new",
		"duplicate",
		"conflict",
	]);
	expect(await laneOf("telegram:7:1")).toEqual({ has_work: true, waiting: 3 });
});

test("ids inside a lane follow the order of the calls, whatever else is accepted at the same time", async () => {
	const inbox = createInbox({ db: test1.db, log: silentLog() });
	const events = Array.from({ length: 1000 }, (_, index) =>
		event({
			eventId: String(index),
			lane: `telegram:7:${index % 7}`,
			bodyJson: `{"n":${index}}`,
			queueMax: 1000,
		}),
	);
	await Promise.all(events.map(async (one) => await inbox.accept(one)));
	const rows = (await test1.db("inbox").select("lane", "event_id").orderBy("id")) as {
		lane: string;
		event_id: string;
	}[];
	for (let lane = 0; lane < 7; lane += 1) {
		const ids = rows.filter((row) => row.lane === `telegram:7:${lane}`).map((row) => Number(row.event_id));
		expect(ids).toEqual([...ids].sort((a, b) => a - b));
	}
	expect(rows).toHaveLength(1000);
});

test("many nodes with the same lanes do not deadlock", async () => {
	const log = silentLog();
	const nodes = Array.from({ length: 4 }, () => createInbox({ db: test1.db, log }));
	await Promise.all(
		Array.from({ length: 800 }, async (_, index) => {
			const lane = `telegram:7:${(index * 7919) % 30}`;
			await nodes[index % 4]?.accept(event({ eventId: String(index), lane, queueMax: 1000 }));
		}),
	);
	expect(await rowsOf(["id"])).toHaveLength(800);
	const { rows } = await test1.db.raw<{ rows: { wrong: string }[] }>(
		`select count(*) as wrong from lanes l where waiting <> (select count(*) from inbox i where i.lane = l.lane and i.status = 'ready')`,
	);
	expect(rows[0]?.wrong).toBe("0");
});

describe("a full lane", () => {
	test("stores what is too much as refused, and only the first of a burst is to be told so, on the fast lane", async () => {
		const inbox = createInbox({ db: test1.db, log: silentLog() });
		const outcomes = await Promise.all(
			Array.from(
				{ length: 8 },
				async (_, index) => await inbox.accept(event({ eventId: String(index), queueMax: 5 })),
			),
		);
		expect(outcomes.map((outcome) => outcome.kind)).toEqual([
			...Array<string>(5).fill("new"),
			...Array<string>(3).fill("refused"),
		]);
		const refused = (await rowsOf(["lane", "status", "ends_as"])).slice(5);
		expect(refused).toEqual([
			{ lane: "telegram:7:1#fast", status: "ready", ends_as: "refused" },
			{ lane: "telegram:7:1", status: "refused", ends_as: "done" },
			{ lane: "telegram:7:1", status: "refused", ends_as: "done" },
		]);
		expect(await laneOf("telegram:7:1")).toEqual({ has_work: true, waiting: 5 });
		expect(await laneOf("telegram:7:1#fast")).toEqual({ has_work: true, waiting: 1 });
	});

	test("still knows a duplicate from a new event", async () => {
		const inbox = createInbox({ db: test1.db, log: silentLog() });
		await inbox.accept(event({ eventId: "1", queueMax: 2 }));
		const outcomes = await Promise.all(
			["1", "2", "2", "3"].map(async (eventId) => await inbox.accept(event({ eventId, queueMax: 2 }))),
		);
		expect(outcomes.map((outcome) => outcome.kind)).toEqual(["duplicate", "new", "duplicate", "refused"]);
	});

	test("does not refuse its neighbours in the batch", async () => {
		const inbox = createInbox({ db: test1.db, log: silentLog() });
		const outcomes = await Promise.all(
			["1", "2", "3", "4"].map(
				async (eventId) =>
					await inbox.accept(
						event({ eventId, queueMax: 1, lane: eventId < "3" ? "telegram:7:11" : `telegram:7:${eventId}3` }),
					),
			),
		);
		expect(outcomes.map((outcome) => outcome.kind)).toEqual(["new", "refused", "new", "new"]);
	});
});

test("a body that PostgreSQL cannot store is kept as an excerpt, and its batch goes through", async () => {
	const log = silentLog();
	const inbox = createInbox({ db: test1.db, log });
	const outcomes = await Promise.all([
		inbox.accept(event({ eventId: "1" })),
		inbox.accept(event({ eventId: "2", bodyJson: '{"n":1e999999}' })),
		inbox.accept(event({ eventId: "3", bodyJson: '{"t":"\\u0000"}' })),
		inbox.accept(event({ eventId: "4" })),
	]);
	expect(outcomes.map((outcome) => outcome.kind)).toEqual(["new", "new", "new", "new"]);
	const rows = (await rowsOf(["event_id", "body"])).filter((row) => row["event_id"] === "2");
	expect(rows).toEqual([{ event_id: "2", body: { unstorable: '{"n":1e999999}' } }]);
	expect(log.lines.map((line) => line.level)).toEqual(["error", "error"]);
});

test("rejects when the database is gone, so that the channel does not acknowledge", async () => {
	const other = await createTestDb();
	const inbox = createInbox({ db: other.db, log: silentLog() });
	await other.destroy();
	await expect(inbox.accept(event())).rejects.toThrow();
});

test("other nodes are notified only while the worker here has no room", async () => {
	const heard: string[] = [];
	const client = (await test1.db.client.acquireConnection()) as {
		query(sql: string): Promise<unknown>;
		on(name: string, fn: (message: { channel: string }) => void): void;
	};
	client.on("notification", (message) => heard.push(message.channel));
	await client.query("listen rockpool_work");
	let hasRoom = true;
	let kicks = 0;
	const worker = {
		hasRoom: () => hasRoom,
		kick: () => {
			kicks += 1;
		},
	};
	const inbox = createInbox({ db: test1.db, log: silentLog(), worker });
	await inbox.accept(event({ eventId: "1" }));
	await client.query("select 1");
	expect(heard).toEqual([]);
	hasRoom = false;
	await inbox.accept(event({ eventId: "2" }));
	await client.query("select 1");
	expect(heard).toEqual(["rockpool_work"]);
	expect(kicks).toBe(2);
	await client.query("unlisten *");
	await test1.db.client.releaseConnection(client);
});
