import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { cleanEnvironment } from "../../core/config/clean-environment.ts";
import type { TestDb } from "../../core/testing/create-test-db.ts";
import { createTestDb } from "../../core/testing/create-test-db.ts";
import { eventually } from "../../core/testing/eventually.ts";
import type { FakeProviderServer } from "../../core/testing/fake-provider-server.ts";
import { createFakeProviderServer } from "../../core/testing/fake-provider-server.ts";

const KEY = "canary-4f1c9b7e2a6d8053";
const PROGRAM = fileURLToPath(new URL("../provider.ts", import.meta.url));
const hasTerminal = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;

let testDb: TestDb;
let server: FakeProviderServer;
let folder: string;
beforeAll(async () => {
	[testDb, server] = await Promise.all([createTestDb({ poolMax: 2 }), createFakeProviderServer()]);
	folder = await mkdtemp(join(tmpdir(), "rockpool-wizard-pty-"));
});
afterAll(async () => {
	await Promise.all([testDb.destroy(), server.close()]);
	await rm(folder, { recursive: true });
});

/** The program in a process of its own, under a terminal of its own where there is one to be had. */
function start(isTerminal: boolean) {
	const url = server.baseUrl("openai");
	const args = ["--disable-warning=ExperimentalWarning", PROGRAM, "add", "--base-url", url, "--models", "m"];
	const more = ["--allow-private", "--dialect", "openai", "--region", "us", "--id", "custom", "--env"];
	const command = [process.execPath, ...args, ...more];
	const [file = "", ...rest] = isTerminal ? ["script", "-qec", command.join(" "), "/dev/null"] : command;
	const child = spawn(file, rest, {
		cwd: folder,
		env: cleanEnvironment({ PATH: process.env["PATH"], DATABASE_URL: testDb.url, DATA_DIR: folder }),
	});
	let text = "";
	for (const stream of [child.stdout, child.stderr]) {
		stream.on("data", (piece: Buffer) => {
			text += piece.toString();
		});
	}
	const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
	return { child, ended, read: () => text };
}

const underTerminal = hasTerminal ? test : test.skip;

underTerminal("a key typed at a real terminal is not echoed, and is stored", async () => {
	const { child, ended, read } = start(true);
	await eventually(() => read().includes("it is not shown"));
	child.stdin.write(`wrong\u0015${KEY}x\u007f\r`);
	expect(await ended).toBe(0);
	expect(read()).toContain("m: works");
	expect(read()).not.toMatch(/canary|wrong/);
	expect(server.requests.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`);
	expect(await readFile(join(folder, ".env"), "utf8")).toContain(`CUSTOM_PROVIDER_API_KEY=${KEY}\n`);
});

underTerminal("Ctrl-C at the question leaves without a change", async () => {
	const asked = server.requests.length;
	const { child, ended, read } = start(true);
	await eventually(() => read().includes("it is not shown"));
	child.stdin.write("canary\u0003");
	expect(await ended).toBe(1);
	expect(read()).toContain("Not done: left; nothing was changed.");
	expect(read()).not.toContain("canary");
	expect(server.requests).toHaveLength(asked);
});

test("a key in a pipe is refused: that is no terminal", async () => {
	const { child, ended, read } = start(false);
	child.stdin.on("error", () => undefined);
	child.stdin.end(`${KEY}\n`);
	expect(await ended).toBe(1);
	expect(read()).toMatch(
		/^Not done: Key of custom [^\n]+this is no terminal[^\n]+--key-file FILE, --no-key\.\n$/,
	);
});
