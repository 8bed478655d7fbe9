import { afterAll, afterEach, beforeAll, beforeEach } from "@jest/globals";
import type { Knex } from "knex";
import type { TestDb } from "./create-test-db.ts";
import { createTestDb } from "./create-test-db.ts";
import type { TestNode, TestNodeOptions } from "./message-flow.ts";
import { createTestNode, settleAll } from "./message-flow.ts";

/** The message flow of one test file: one database, empty before each test; nodes stop after it. */
export type MessageFlow = {
	readonly db: Knex;
	readonly testDb: TestDb;
	start(options: TestNodeOptions): TestNode;
	/** Until no lane has work and none is leased. */
	settle(boundMs?: number): Promise<void>;
	row(inboxId: string): Promise<Record<string, unknown>>;
	/** Stored parts of all answers, in order. */
	parts(): Promise<readonly Record<string, unknown>[]>;
	/** Lets every lease end and every lane be due, as time would. */
	passTime(): Promise<void>;
};

export function useMessageFlow(): MessageFlow {
	let testDb: TestDb | undefined;
	let nodes: TestNode[] = [];
	const required = (): TestDb => {
		if (testDb === undefined) throw new Error("the database exists only while tests run");
		return testDb;
	};
	beforeAll(async () => {
		testDb = await createTestDb({ poolMax: 16 });
	});
	afterAll(async () => await testDb?.destroy());
	beforeEach(async () => {
		await required().db.raw("truncate inbox, outbox, lanes, dialogues, conversations, usage_log cascade");
	});
	afterEach(async () => {
		await Promise.all(nodes.map(async (node) => await node.stop()));
		nodes = [];
	});
	return {
		get db() {
			return required().db;
		},
		get testDb() {
			return required();
		},
		start(options) {
			const node = createTestNode(required(), options);
			nodes.push(node);
			return node;
		},
		settle: async (boundMs) => await settleAll(required(), boundMs),
		row: async (inboxId) =>
			(await required().db("inbox").where({ id: inboxId }).first()) as Record<string, unknown>,
		parts: async () =>
			(await required()
				.db("outbox")
				.orderBy("inbox_id")
				.orderBy("part")
				.select("part", "state", "message_id", "attempts", "last_error")) as Record<string, unknown>[],
		async passTime() {
			await required().db.raw(
				"update lanes set lease_until = '-infinity', next_at = clock_timestamp() - interval '1 second', paced_until = '-infinity'",
			);
		},
	};
}
