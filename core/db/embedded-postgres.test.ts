import { spawn } from "node:child_process";
import {
	cp,
	lstat,
	mkdir,
	mkdtemp,
	readdir,
	readFile,
	realpath,
	rm,
	stat,
	writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { assertDurable } from "./assert-durable.ts";
import { createDb } from "./connect.ts";
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from "./embedded-postgres.ts";
import { startEmbeddedPostgres } from "./embedded-postgres.ts";

const isRoot = process.getuid?.() === 0;
let directory: string;
let dataDir: string;
const started: EmbeddedPostgres[] = [];

beforeAll(async () => {
	directory = await realpath(await mkdtemp(join(tmpdir(), "rockpool-test-")));
	// mkdtemp is 0700; most tests are about a directory others may enter
	const open = `${directory}-open`;
	await mkdir(open, { mode: 0o755 });
	dataDir = join(open, "postgres");
});
afterAll(async () => {
	for (const server of started) await server.stop();
	await rm(directory, { recursive: true, force: true });
	await rm(`${directory}-open`, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
	const server = await startEmbeddedPostgres({ dataDir, ...options });
	started.push(server);
	return server;
}

async function query<Row>(server: EmbeddedPostgres, sql: string): Promise<Row[]> {
	const db = createDb(server.url);
	try {
		return (await db.raw<{ rows: Row[] }>(sql)).rows;
	} finally {
		await db.destroy();
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

async function untilGone(pid: number): Promise<void> {
	for (let polls = 0; polls < 500 && isAlive(pid); polls += 1) {
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	expect(isAlive(pid)).toBe(false);
}

/** Another process that uses the same server, until it is killed. Answers the server's process id. */
async function startInChild(): Promise<{ pid: number; kill(): void }> {
	const program = `
		const { startEmbeddedPostgres } = await import(${JSON.stringify(new URL("./embedded-postgres.ts", import.meta.url).href)});
		const server = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)} });
		console.log(server.pid);
		setInterval(() => {}, 1000);`;
	const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	const pid = await new Promise<number>((resolve, reject) => {
		child.stdout.once("data", (data: Buffer) => resolve(Number(data.toString())));
		child.once("exit", (code) => reject(new Error(`child ended with ${code}`)));
	});
	return { pid, kill: () => child.kill("SIGKILL") };
}

test("data outlives a stop, and the server does not", async () => {
	const first = await start();
	await query(first, "create table kept (n int); insert into kept values (1)");
	await first.stop();
	await untilGone(first.pid);
	const second = await start();
	expect(await query(second, "select n from kept")).toEqual([{ n: 1 }]);
	await second.stop();
});

test("the server is durable, listens on loopback only, and the application is no superuser", async () => {
	const server = await start();
	const db = createDb(server.url);
	await assertDurable(db);
	await db.destroy();
	expect(await query(server, "select usesuper from pg_user where usename = current_user")).toEqual([
		{ usesuper: false },
	]);
	expect(await query(server, "select current_setting('listen_addresses') as at")).toEqual([
		{ at: "127.0.0.1" },
	]);
	const wrong = new URL(server.url);
	wrong.password = "wrong";
	await expect(query({ ...server, url: wrong.href }, "select 1")).rejects.toThrow(
		"password authentication failed",
	);
	expect((await stat(join(dataDir, "password"))).mode & 0o077).toBe(0);
	await server.stop();
});

test("two users share one server, which goes with the last", async () => {
	const [first, second] = await Promise.all([start(), start()]);
	expect(second.pid).toBe(first.pid);
	await first.stop();
	expect(await query(second, "select 1 as n")).toEqual([{ n: 1 }]);
	await second.stop();
	await untilGone(second.pid);
});

test("a process that is killed leaves no server behind", async () => {
	const child = await startInChild();
	expect(isAlive(child.pid)).toBe(true);
	child.kill();
	await untilGone(child.pid);
});

test("a process that is killed does not take the server from another", async () => {
	const child = await startInChild();
	const server = await start();
	expect(server.pid).toBe(child.pid);
	child.kill();
	await query(server, "select pg_sleep(0.2)");
	expect(await query(server, "select 1 as n")).toEqual([{ n: 1 }]);
	await server.stop();
	await untilGone(server.pid);
});

test("a server that was killed recovers what it had acknowledged", async () => {
	const server = await start();
	await query(server, "create table acknowledged as select 42 as n");
	process.kill(server.pid, "SIGKILL");
	const next = await start();
	expect(next.pid).not.toBe(server.pid);
	expect(await query(next, "select n from acknowledged")).toEqual([{ n: 42 }]);
	await Promise.all([server.stop(), next.stop()]);
	await untilGone(next.pid);
});

test("an orphan without a keeper is replaced", async () => {
	const server = await start();
	const about = await readFile(`/proc/${server.pid}/stat`, "utf8");
	const keeper = Number(about.split(" ")[3]);
	const children = (await readFile(`/proc/${keeper}/task/${keeper}/children`, "utf8")).split(" ");
	process.kill(keeper, "SIGKILL");
	for (const pid of children.map(Number)) if (pid > 0 && pid !== server.pid) process.kill(pid, "SIGKILL");
	const next = await start();
	expect(await query(next, "select 1 as n")).toEqual([{ n: 1 }]);
	await Promise.all([server.stop(), next.stop()]);
	await untilGone(next.pid);
});

test("a stale postmaster.pid whose number another program has now is no obstacle, whatever its arguments say", async () => {
	const other = spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)", "postgres"], {
		stdio: "ignore",
	});
	try {
		const file = join(dataDir, "data", "postmaster.pid");
		await writeFile(file, `${other.pid}\n${dataDir}/data\n1\n5432\n\n127.0.0.1\n\nready   \n`);
		const server = await start();
		expect(await query(server, "select 1 as n")).toEqual([{ n: 1 }]);
		await server.stop();
		expect(other.exitCode ?? other.signalCode).toBeNull();
	} finally {
		other.kill("SIGKILL");
	}
});

test("the server knows nothing of our environment", async () => {
	process.env["ROCKPOOL_CANARY"] = "canary-value";
	const server = await start();
	const environment = await readFile(`/proc/${server.pid}/environ`, "utf8").catch(() => "");
	expect(environment).not.toContain("canary-value");
	process.env["ROCKPOOL_CANARY"] = undefined;
	await server.stop();
});

test("a server that cannot start is reported with what it logged", async () => {
	await expect(start({ settings: { shared_buffers: "nonsense" } })).rejects.toThrow("shared_buffers");
});

test("assertDurable refuses a server without fsync", async () => {
	const server = await start({ settings: { fsync: "off" } });
	const db = createDb(server.url);
	await expect(assertDurable(db)).rejects.toThrow("set fsync = on");
	await db.destroy();
	await server.stop();
});

test("root in a directory of its own: the data goes where the server's user can reach it, a copy is refused, and what a deleted one left goes", async () => {
	// for any other user the data stays in place, which the tests above show
	if (!isRoot) return;
	const systemDirectory = `${directory}-open/system`;
	const hidden = join(directory, "project", ".data", "postgres");
	const server = await start({ dataDir: hidden, systemDirectory });
	expect((await lstat(hidden)).isSymbolicLink()).toBe(true);
	await query(server, "create table kept as select 7 as n");
	await server.stop();
	const again = await start({ dataDir: hidden, systemDirectory });
	expect(await query(again, "select n from kept")).toEqual([{ n: 7 }]);
	await again.stop();
	await cp(join(directory, "project"), join(directory, "copy"), { recursive: true, verbatimSymlinks: true });
	const copied = join(directory, "copy", ".data", "postgres");
	await expect(start({ dataDir: copied, systemDirectory })).rejects.toThrow("remove the link");
	const homes = async () => (await readdir(systemDirectory)).filter((name) => /^[0-9a-f]{16}$/.test(name));
	expect(await homes()).toHaveLength(1);
	await rm(join(directory, "project"), { recursive: true });
	const other = await start({ dataDir: join(directory, "other", "postgres"), systemDirectory });
	expect(await homes()).toHaveLength(1);
	await other.stop();
});
