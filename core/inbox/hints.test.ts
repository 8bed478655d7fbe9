import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { pollUntil } from "../testing/poll-until.ts";
import { silentLog } from "../testing/silent-log.ts";
import { createHints } from "./hints.ts";

let testDb: TestDb;
beforeAll(async () => {
	testDb = await createTestDb();
});
afterAll(async () => await testDb.destroy());

test("news of other nodes arrive, also after the connection broke", async () => {
	const log = silentLog();
	const hints = createHints({ url: testDb.url, log, reconnectMs: 10 });
	const heard: string[] = [];
	hints.on("stop", (payload) => heard.push(payload));
	hints.start();
	try {
		const isHeard = async (payload: string): Promise<boolean> => {
			await testDb.db.raw("select pg_notify('rockpool_stop', ?)", [payload]);
			return heard.includes(payload);
		};
		await pollUntil(async () => await isHeard("1"));
		await testDb.db.raw(
			"select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'rockpool-listen' and datname = current_database()",
		);
		await pollUntil(async () => await isHeard("2"));
		expect(log.lines.map((line) => line.message)).toEqual(["listening connection lost; polling goes on"]);
	} finally {
		await hints.stop();
	}
});

test("an unreachable server is tried again quietly, and stop ends it", async () => {
	const log = silentLog();
	const hints = createHints({ url: "postgres://nobody@127.0.0.1:1/none", log, reconnectMs: 1 });
	hints.start();
	await pollUntil(() => log.lines.length > 0);
	await hints.stop();
	expect(log.lines).toHaveLength(1);
});

test("without a server a node hears itself, until it unsubscribes", () => {
	const hints = createHints({ log: silentLog() });
	const heard: string[] = [];
	const end = hints.on("work", (payload) => heard.push(payload));
	hints.start();
	hints.emit("work", "a");
	end();
	hints.emit("work", "b");
	expect(heard).toEqual(["a"]);
});
