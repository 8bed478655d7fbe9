import type { Socket } from "node:net";
import { connect, createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { TestDb } from "../testing/create-test-db.ts";
import { createTestDb } from "../testing/create-test-db.ts";
import { createDb } from "./connect.ts";

let testDb: TestDb;
beforeAll(async () => {
	testDb = await createTestDb();
});
afterAll(async () => {
	await testDb.destroy();
});

test("a session means the same on every server", async () => {
	const { rows } = await testDb.db.raw(
		"select current_setting('timezone') as zone, current_setting('jit') as jit, current_setting('statement_timeout') as statement, current_setting('idle_in_transaction_session_timeout') as idle, current_setting('application_name') as name",
	);
	expect(rows).toEqual([{ zone: "UTC", jit: "off", statement: "30s", idle: "30s", name: "rockpool-test" }]);
});

test("a statement and a wait for a lock are cut off", async () => {
	const db = createDb(testDb.url, { statementTimeoutMs: 100, lockTimeoutMs: 50 });
	await expect(db.raw("select pg_sleep(5)")).rejects.toThrow("statement timeout");
	await testDb.db.transaction(async (trx) => {
		await trx.raw("lock table plans");
		await expect(db("plans").select()).rejects.toThrow("lock timeout");
	});
	await db.destroy();
});

test("connections the server closed are replaced", async () => {
	const warnings: string[] = [];
	const db = createDb(testDb.url, {
		applicationName: "closed-by-server",
		onWarning: (text) => warnings.push(text),
	});
	await db.raw("select 1");
	await testDb.db.raw(
		"select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'closed-by-server'",
	);
	for (let tries = 0; tries < 100 && warnings.length === 0; tries += 1)
		await db.raw("select 1").catch(() => undefined);
	expect((await db.raw("select 1 as n")).rows).toEqual([{ n: 1 }]);
	await db.destroy();
});

test("a server that falls silent in the middle of a query is given up", async () => {
	const proxy = await startProxy(testDb.url);
	const db = createDb(proxy.url, { statementTimeoutMs: 100, silenceMarginMs: 100 });
	await db.raw("set statement_timeout = 0");
	proxy.silence();
	await expect(db.raw("select 1")).rejects.toThrow("no answer from PostgreSQL");
	await db.destroy();
	await proxy.stop();
});

test("an error tells the statement without its values", async () => {
	const query = testDb.db("plans").where({ name: "canary-value" }).select("no_such_column");
	const message = await query.then(String, String);
	expect(message).toContain('column "no_such_column" does not exist');
	expect(message).not.toContain("canary-value");
});

test("an unreachable server is an error, not a wait", async () => {
	const url = new URL(testDb.url);
	url.port = "1";
	const db = createDb(url.href);
	await expect(db.raw("select 1")).rejects.toThrow("ECONNREFUSED");
	await db.destroy();
});

/** A TCP proxy that can stop passing bytes on without closing anything. */
async function startProxy(target: string): Promise<{ url: string; silence(): void; stop(): Promise<void> }> {
	const to = new URL(target);
	const sockets: Socket[] = [];
	let isSilent = false;
	const server = createServer((near) => {
		const far = connect(Number(to.port || "5432"), to.hostname);
		sockets.push(near, far);
		for (const socket of [near, far]) socket.on("error", () => undefined);
		near.on("data", (bytes) => {
			if (!isSilent) far.write(bytes);
		});
		far.on("data", (bytes) => {
			if (!isSilent) near.write(bytes);
		});
	});
	await new Promise<void>((resolve) => {
		server.listen(0, "127.0.0.1", resolve);
	});
	const address = server.address();
	const url = new URL(target);
	url.port = String(typeof address === "object" && address !== null ? address.port : 0);
	return {
		url: url.href,
		silence: () => {
			isSilent = true;
		},
		stop: async () => {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => {
				server.close(resolve);
			});
		},
	};
}
