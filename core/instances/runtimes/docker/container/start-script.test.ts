import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { LAUNCH, PLACE, toFeed } from "./start-script.ts";

let root: string;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "rockpool-launch-"));
	for (const name of ["home", "drafts"]) mkdirSync(join(root, name));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const SHOW = [
	"node",
	"-e",
	"console.log(JSON.stringify([process.cwd(), process.argv.slice(1), process.env]))",
];

function launch(feed: string, ...args: string[]): { status: number | null; said: string } {
	const before = ["-c", LAUNCH, "launch", join(root, "home"), join(root, "drafts")];
	const ended = spawnSync("/bin/sh", [...before, ...SHOW, ...args], {
		input: feed,
		encoding: "utf8",
		env: { PATH: process.env["PATH"] },
	});
	return { status: ended.status, said: ended.stdout };
}

describe("a container's first program", () => {
	test("becomes the agent's, with what it was told and nothing of its own", () => {
		const values = {
			PLAIN: "one",
			QUOTED: `it's "$HOME" \`id\` $(id) \\ \\n`,
			LINES: "first\nsecond\n\n'third'\n",
			EMPTY: "",
			end: "mine",
		};
		const { status, said } = launch(toFeed(values), "an argument", "$HOME", "'");
		expect(status).toBe(0);
		const [directory, args, env] = JSON.parse(said) as [string, string[], Record<string, string>];
		expect(directory).toBe(join(root, "home"));
		expect(args).toEqual(["an argument", "$HOME", "'"]);
		expect(env).toMatchObject(values);
		expect(Object.keys(env).filter((name) => name.startsWith("rp_"))).toEqual([]);
	});

	test("takes away what is left of drafts", () => {
		writeFileSync(join(root, "drafts", "old"), "");
		launch(toFeed({}));
		expect(() => readFileSync(join(root, "drafts", "old"))).toThrow();
	});

	test("does not begin without a home", () => {
		rmSync(join(root, "home"), { recursive: true });
		expect(launch(toFeed({}))).toEqual({ status: 75, said: "" });
	});

	test.each([
		["nothing", ""],
		["half of it", toFeed({ A: "b" }).split("\n").slice(0, 2).join("\n")],
		[
			"all but the last line",
			toFeed({ A: "b" })
				.trimEnd()
				.replace(/[^\n]+$/, ""),
		],
	])("does not begin where it is told %s", (_, feed) => {
		expect(launch(feed)).toEqual({ status: 75, said: "" });
	});

	test("does not wait for ever for somebody who is dead", async () => {
		const hasty = LAUNCH.replace(/sleep \d+/, "sleep 0.1");
		expect(hasty).not.toBe(LAUNCH);
		const before = ["-c", hasty, "launch", join(root, "home"), join(root, "drafts")];
		const waiting = spawn("/bin/sh", [...before, ...SHOW], { stdio: ["pipe", "ignore", "ignore"] });
		const [code, signal] = (await once(waiting, "exit")) as [number | null, string | null];
		expect([code, signal]).toEqual([null, "SIGTERM"]);
	});

	test.each(["A-B", "1A", "", "A=B", "A\nB"])(
		"is told no variable called %j, and no secret is in the refusal",
		(name) => {
			expect(() => toFeed({ [name]: "secret" })).toThrow(TypeError);
			expect(() => toFeed({ [name]: "secret" })).not.toThrow(/secret/);
		},
	);
});

describe("files are put in their places", () => {
	function place(...args: string[]): number | null {
		const before = ["-c", PLACE, "place", join(root, "home"), join(root, "drafts")];
		return spawnSync("/bin/sh", [...before, ...args]).status;
	}

	test("by a rename each, with the directories they need; nothing else is left", () => {
		writeFileSync(join(root, "drafts", "0"), "one");
		writeFileSync(join(root, "drafts", "1"), "two");
		expect(place("0", "a/b", "a/b/c.txt", "1", "", "d.txt")).toBe(0);
		expect(readFileSync(join(root, "home", "a/b/c.txt"), "utf8")).toBe("one");
		expect(readFileSync(join(root, "home", "d.txt"), "utf8")).toBe("two");
		expect(execFileSync("ls", [root], { encoding: "utf8" })).toBe("home\n");
	});

	test("or not at all, where a directory is in the way", () => {
		mkdirSync(join(root, "home", "d.txt"));
		writeFileSync(join(root, "drafts", "0"), "one");
		expect(place("0", "", "d.txt")).toBe(1);
		expect(execFileSync("ls", [root], { encoding: "utf8" })).toBe("home\n");
	});
});
