import { chmod, copyFile, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { eventually } from "../../../testing/eventually.ts";
import { toCellName } from "../../cell.ts";
import type { CellSpec } from "../../runtime.ts";
import { putProgram } from "../../testing/put-program.ts";
import { testRuntime } from "../../testing/runtime-contract.ts";
import { ProcessRuntime } from "./process-runtime.ts";

const STUB = fileURLToPath(new URL("../../testing/stub-agent.mjs", import.meta.url));
const BASE = {
	...{ release: "stub", environment: { STUB_CANARY: "given" } },
	limits: { cpuMillis: 1_000, memoryBytes: 512 * 1024 * 1024, processesMax: 64 },
	...{ args: ["{port}", "{home}"], mendArgs: ["mend"] },
} as const;

const roots: string[] = [];

async function openRoot(): Promise<string> {
	const root = await mkdtemp(join(tmpdir(), "rockpool-process-"));
	roots.push(root);
	// As root, agents have users of their own, who must get through.
	await chmod(root, 0o711);
	await putProgram(process.execPath, join(root, "node"));
	await copyFile(STUB, join(root, "stub.mjs"));
	return root;
}

function openRuntime(root: string): ProcessRuntime {
	return new ProcessRuntime({
		root,
		releases: {
			fetch: async () => ({ kind: "there" }),
			command: () => [join(root, "node"), join(root, "stub.mjs")],
		},
		environment: { PATH: process.env["PATH"] ?? "" },
		onTrouble: (message, error) => console.error(message, error),
	});
}

afterAll(async () => {
	for (const root of roots) {
		const runtime = openRuntime(root);
		await runtime.endAll(2_000);
		await runtime.close();
		await rm(root, { recursive: true, force: true });
	}
});

/** Asks the stub something; undefined: it says no. */
async function ask(runtime: ProcessRuntime, cell: string, path: string): Promise<string | undefined> {
	const address = await runtime.address(cell);
	if (address === undefined) return undefined;
	try {
		const answer = await fetch(`http://${address.host}:${address.port}${path}`);
		return answer.ok ? await answer.text() : undefined;
	} catch {
		return undefined;
	}
}

testRuntime("process", async () => {
	const root = await openRoot();
	const runtime = openRuntime(root);
	const up = async (cell: string): Promise<void> =>
		await eventually(async () => (await ask(runtime, cell, "/healthz")) !== undefined);
	return {
		runtime,
		reopen: async () => openRuntime(root),
		base: BASE,
		async exit(cell, code) {
			await up(cell);
			await ask(runtime, cell, `/exit?code=${code}`);
		},
		async read(cell, path) {
			await up(cell);
			return await ask(runtime, cell, `/read?path=${path}`);
		},
		async write(cell, path) {
			await up(cell);
			await ask(runtime, cell, `/write?path=${path}`);
		},
		close: async () => await runtime.close(),
	};
});

describe("cells that are processes", () => {
	let root: string;
	let runtime: ProcessRuntime;
	let ids = 0;
	beforeAll(async () => {
		root = await openRoot();
		runtime = openRuntime(root);
	});
	afterAll(async () => await runtime.close());

	async function start(
		more: Partial<CellSpec> = {},
	): Promise<{ readonly spec: CellSpec; readonly cell: string }> {
		ids += 1;
		const instanceId = `00000000-0000-4000-8000-${String(ids).padStart(12, "0")}`;
		const spec: CellSpec = { ...BASE, instanceId, generation: 1, port: undefined, ...more };
		await runtime.create(spec);
		await runtime.start(spec);
		const cell = toCellName(instanceId, 1);
		await eventually(async () => (await ask(runtime, cell, "/healthz")) !== undefined);
		return { spec, cell };
	}

	test("get what they are given, and nothing of ours", async () => {
		process.env["ROCKPOOL_CANARY"] = "secret";
		const { cell } = await start();
		const given = JSON.parse((await ask(runtime, cell, "/environment")) ?? "{}") as Record<string, string>;
		delete process.env["ROCKPOOL_CANARY"];
		expect(given["STUB_CANARY"]).toBe("given");
		expect(Object.keys(given)).not.toContain("ROCKPOOL_CANARY");
		expect(Object.keys(given)).not.toContain("DATABASE_URL");
	});

	test("run as a user of their own where we may choose, and cannot read each other's homes", async () => {
		const [one, other] = [await start(), await start()];
		const [who, whoElse] = [await ask(runtime, one.cell, "/who"), await ask(runtime, other.cell, "/who")];
		if (process.getuid?.() !== 0) {
			expect(who).toBe(String(process.getuid?.()));
			return;
		}
		expect(Number(who)).toBeGreaterThan(1_000_000);
		expect(who).not.toBe(whoElse);
		await runtime.writeFiles(other.spec.instanceId, 1, [{ path: "secret.txt", content: "mine" }]);
		expect(await ask(runtime, one.cell, `/read?path=../${other.spec.instanceId}/secret.txt`)).toBeUndefined();
		expect(await ask(runtime, other.cell, "/read?path=secret.txt")).toBe("mine");
	});

	test("are ended by force where they do not listen", async () => {
		const { spec, cell } = await start({ environment: { STUB_STUBBORN: "yes" } });
		await runtime.stop(cell);
		await new Promise((resolve) => setTimeout(resolve, 400));
		expect((await runtime.observe(spec.instanceId, []))[0]?.state).toBe("running");
		await runtime.kill(cell);
		await eventually(async () => (await runtime.observe(spec.instanceId, []))[0]?.state === "exited");
	});

	test("are found again where nobody had the time to write them down", async () => {
		const { spec, cell } = await start();
		const run = join(root, "cells", cell, "run.json");
		const { port } = JSON.parse(await readFile(run, "utf8")) as { port: number };
		await rm(run);
		await writeFile(join(root, "cells", cell, "starting"), String(port));
		const later = openRuntime(root);
		await later.start(spec);
		expect((await later.observe(spec.instanceId, []))[0]?.state).toBe("running");
		expect(await later.address(cell)).toEqual({ host: "127.0.0.1", port });
		await later.close();
	});

	test("are not mistaken for somebody else's process of the same number", async () => {
		const { spec, cell } = await start();
		await runtime.kill(cell);
		await eventually(async () => (await runtime.observe(spec.instanceId, []))[0]?.state === "exited");
		const run = join(root, "cells", cell, "run.json");
		const known = JSON.parse(await readFile(run, "utf8")) as object;
		await writeFile(run, JSON.stringify({ ...known, pid: process.pid, startedAt: "1" }));
		expect((await runtime.observe(spec.instanceId, []))[0]?.state).toBe("exited");
		await runtime.kill(cell);
	});

	test("cannot have us write through a link of theirs", async () => {
		const { spec } = await start();
		const outside = await openRoot();
		await writeFile(join(outside, "victim"), "untouched");
		const home = join(root, "homes", spec.instanceId);
		await symlink(outside, join(home, "linked"));
		await symlink(join(outside, "victim"), join(home, "file"));
		const write = async (path: string): Promise<void> =>
			await runtime.writeFiles(spec.instanceId, 1, [{ path, content: "x" }]);
		await expect(write("linked/victim")).rejects.toThrow();
		await write("file");
		expect(await readFile(join(outside, "victim"), "utf8")).toBe("untouched");
		expect(await readFile(join(home, "file"), "utf8")).toBe("x");
	});

	test("that were ended with us count as never started", async () => {
		const { spec, cell } = await start();
		await runtime.endAll(2_000);
		expect((await runtime.observe(spec.instanceId, []))[0]?.state).toBe("created");
		expect(await runtime.address(cell)).toBeUndefined();
	});
});
