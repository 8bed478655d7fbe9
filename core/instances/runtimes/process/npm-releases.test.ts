import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { eventually } from "../../../testing/eventually.ts";
import { createNpmReleases } from "./npm-releases.ts";

const RELEASE = "agent@1.2.3";
/** Does what npm does, as far as it counts: `$3` is where, the last one what. */
const INSTALLS = `mkdir -p "$3/node_modules/agent"
echo '{"bin":{"agent":"agent.mjs"}}' >"$3/node_modules/agent/package.json"
echo "$7" >"$3/asked"`;

let directory: string;
let root: string;
let troubles: string[];

beforeEach(async () => {
	directory = await mkdtemp(join(tmpdir(), "rockpool-releases-"));
	root = join(directory, "releases");
	troubles = [];
});
afterEach(async () => await rm(directory, { recursive: true, force: true }));

async function open(script: string) {
	const npm = join(directory, "npm");
	await writeFile(npm, `#!/bin/sh\n${script}\n`);
	await chmod(npm, 0o755);
	return createNpmReleases({
		root,
		npm,
		onTrouble: (message, error) => troubles.push(`${message}: ${error}`),
	});
}

test("a release is installed once, and whoever asks meanwhile is told so", async () => {
	const releases = await open(`echo x >>"${directory}/installs"; sleep 0.2\n${INSTALLS}`);
	expect(() => releases.command(RELEASE)).toThrow();
	expect(await releases.fetch(RELEASE)).toMatchObject({ kind: "coming", why: "agent is being installed" });
	expect(await releases.fetch(RELEASE)).toMatchObject({ kind: "coming" });
	await eventually(async () => (await releases.fetch(RELEASE)).kind === "there");
	const [node = "", script] = releases.command(RELEASE);
	expect(script).toBe(join(root, "agent-1.2.3", "node_modules", "agent", "agent.mjs"));
	expect((await stat(node)).mode & 0o001).toBe(0o001);
	expect((await stat(join(directory, "installs"))).size).toBe(2);
	expect(await readdir(root)).toEqual(["agent-1.2.3"]);
	const later = await open("exit 1");
	expect(await later.fetch(RELEASE)).toEqual({ kind: "there" });
});

test("a failure is told, leaves nothing behind, and is not repeated at once", async () => {
	const releases = await open(`echo x >>"${directory}/installs"; echo "no such package" >&2; exit 1`);
	await releases.fetch(RELEASE);
	await eventually(async () => (await releases.fetch(RELEASE)).kind === "failed");
	expect(await releases.fetch(RELEASE)).toEqual({
		kind: "failed",
		why: "its program cannot be installed now",
	});
	expect(troubles).toEqual([expect.stringContaining("no such package")]);
	expect((await stat(join(directory, "installs"))).size).toBe(2);
	expect(await readdir(root)).toEqual([]);
});

test.each([
	"agent",
	"agent@latest",
	"agent@^1.2.3",
	"-v@1.2.3",
	"../agent@1.2.3",
	"agent@1.2.3 --global",
	"http://x/a.tgz",
])("%j is no release", async (release) => {
	const releases = await open("exit 1");
	await expect(releases.fetch(release)).rejects.toThrow(TypeError);
});

test("whoever installs knows how the registry is reached, and none of our secrets", async () => {
	process.env["npm_config_registry_canary"] = "reach";
	process.env["TELEGRAM_BOT_TOKEN"] = "canary-token";
	try {
		const releases = await open(`env >"${directory}/given"\n${INSTALLS}`);
		await releases.fetch(RELEASE);
		await eventually(async () => (await releases.fetch(RELEASE)).kind === "there");
	} finally {
		delete process.env["npm_config_registry_canary"];
		delete process.env["TELEGRAM_BOT_TOKEN"];
	}
	const given = await readFile(join(directory, "given"), "utf8");
	expect(given).toContain("npm_config_registry_canary=reach");
	expect(given).not.toContain("canary-token");
	expect(given).not.toContain("DATABASE");
});
