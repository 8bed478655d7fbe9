import { execFileSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import { toTar } from "./to-tar.ts";

const OWNER = { uid: 1_000, gid: 2_000_000 };

test("an archive is one that others can read", () => {
	const long = "x".repeat(1_000);
	const archive = toTar(
		[{ path: "home" }, { path: "home/a", content: "" }, { path: "home/b", content: long }],
		OWNER,
	);
	const listed = execFileSync("tar", ["-tv", "--numeric-owner"], { input: archive, encoding: "utf8" });
	expect(listed.split("\n").map((line) => line.replace(/\s+/g, " ").replace(/\S+ \S+ (?=home)/, ""))).toEqual(
		[
			"drwx------ 1000/2000000 0 home/",
			"-rw------- 1000/2000000 0 home/a",
			"-rw------- 1000/2000000 1000 home/b",
			"",
		],
	);
	expect(execFileSync("tar", ["-xO", "home/b"], { input: archive, encoding: "utf8" })).toBe(long);
});

test("what does not fit into it is refused", () => {
	expect(() => toTar([{ path: "x".repeat(101), content: "" }], OWNER)).toThrow(TypeError);
	expect(() => toTar([{ path: "x" }], { uid: 8 ** 7, gid: 1 })).toThrow(TypeError);
});
