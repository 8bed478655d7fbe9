import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

const LOCK = {
	packages: {
		"": {},
		"node_modules/node": { version: "24.0.0", integrity: "a" },
		"node_modules/koa": { version: "3.0.0", integrity: "b" },
		"node_modules/jest": { version: "30.0.0", integrity: "c", dev: true },
		"node_modules/other-platform": { version: "1.0.0", integrity: "d", optional: true },
	},
};

/** Stands for npm: notes how it was called and what it could read, writes to its output, and installs what it is told. */
const FAKE_NPM = `
const fs = require("node:fs");
const root = process.cwd();
const call = { args: process.argv.slice(2), input: fs.readFileSync(0, "utf8"), env: Object.keys(process.env) };
fs.appendFileSync(root + "/calls", JSON.stringify(call) + "\\n");
console.log("words of npm");
if (fs.existsSync(root + "/broken")) process.exit(7);
const packages = JSON.parse(fs.readFileSync(root + "/package-lock.json", "utf8")).packages;
const { "": self, "node_modules/other-platform": other, ...installed } = packages;
fs.mkdirSync(root + "/node_modules/node/bin", { recursive: true });
fs.writeFileSync(root + "/node_modules/node/bin/node", "");
fs.writeFileSync(root + "/node_modules/.package-lock.json", JSON.stringify({ packages: installed }));
`;

const CANARIES = Object.fromEntries(
	["OPENAI_API_KEY", "ANTHROPIC_API_KEY_OLD", "AWS_SECRET_ACCESS_KEY", "CLOUDRU_API_KEY_FILE"].map((name) => [
		name,
		"canary",
	]),
);

let root: string;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), "rockpool-install-"));
	await mkdir(join(root, "scripts"));
	await cp(new URL("./ensure-installed.mjs", import.meta.url), join(root, "scripts", "ensure-installed.mjs"));
	await writeFile(join(root, "npm.cjs"), FAKE_NPM);
	await writeLock(LOCK);
});
afterEach(async () => {
	await rm(root, { recursive: true, force: true });
});

async function writeLock(lock: object): Promise<void> {
	await writeFile(join(root, "package-lock.json"), JSON.stringify(lock));
}

async function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
	const child = spawn(process.execPath, [join(root, "scripts", "ensure-installed.mjs"), ...args], {
		env: {
			...process.env,
			...CANARIES,
			npm_execpath: join(root, "npm.cjs"),
			npm_node_execpath: process.execPath,
		},
	});
	let [out, err] = ["", ""];
	child.stdout.on("data", (data: Buffer) => {
		out += data.toString();
	});
	child.stderr.on("data", (data: Buffer) => {
		err += data.toString();
	});
	child.stdin.end("a line for the program\n");
	const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
	return { code, out, err };
}

async function readCalls(): Promise<{ args: string[]; input: string; env: string[] }[]> {
	const text = await readFile(join(root, "calls"), "utf8").catch(() => "");
	return text
		.split("\n")
		.filter(Boolean)
		.map((line) => JSON.parse(line));
}

test("installs once, leaves the input alone and the output empty", async () => {
	const first = await run();
	expect(first).toMatchObject({ code: 0, out: "" });
	expect(first.err).toContain("installing packages");
	const calls = await readCalls();
	expect(calls).toHaveLength(1);
	expect(calls[0]?.args[0]).toBe("ci");
	expect(calls[0]?.args).toContain("--ignore-scripts=false");
	expect(calls[0]?.input).toBe("");
	expect(calls[0]?.env).toContain("PATH");
	for (const name of Object.keys(CANARIES)) expect(calls[0]?.env).not.toContain(name);
	expect(await run()).toEqual({ code: 0, out: "", err: "" });
	expect(await readCalls()).toHaveLength(1);
});

test("installs again when a package is another one than the lock file wants, or Node itself is missing", async () => {
	await run();
	await writeLock({
		packages: { ...LOCK.packages, "node_modules/koa": { version: "3.0.1", integrity: "e" } },
	});
	expect((await run()).code).toBe(0);
	expect(await readCalls()).toHaveLength(2);
	await rm(join(root, "node_modules", "node"), { recursive: true });
	expect((await run()).code).toBe(0);
	expect(await readCalls()).toHaveLength(3);
});

test("development packages are asked for by tests only", async () => {
	await run();
	const {
		"node_modules/jest": _jest,
		"": _root,
		"node_modules/other-platform": _other,
		...production
	} = LOCK.packages;
	await writeFile(join(root, "node_modules", ".package-lock.json"), JSON.stringify({ packages: production }));
	expect(await run()).toEqual({ code: 0, out: "", err: "" });
	expect((await run("--with-dev")).code).toBe(0);
	const calls = await readCalls();
	expect(calls).toHaveLength(2);
	expect(calls[1]?.args).toContain("--include=dev");
});

test("a failed install ends with what to do", async () => {
	await writeFile(join(root, "broken"), "");
	const failed = await run();
	expect(failed).toMatchObject({ code: 1, out: "" });
	expect(failed.err).toContain("npm ci ended with 7");
	expect(failed.err).toContain("Run 'npm ci'");
});

test("two at once take turns, and the lock of one that was killed is no obstacle", async () => {
	await mkdir(join(root, ".data"));
	await writeFile(join(root, ".data", "install.lock"), "999999999");
	const both = await Promise.all([run(), run()]);
	expect(both.map(({ code }) => code)).toEqual([0, 0]);
	expect(await readCalls()).toHaveLength(1);
});
