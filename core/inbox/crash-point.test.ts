import { spawnSync } from "node:child_process";
import { expect, test } from "@jest/globals";

const program = `
	const { crashPoint } = await import(${JSON.stringify(new URL("./crash-point.ts", import.meta.url).href)});
	crashPoint("after-send");
	crashPoint("after-claim");
	crashPoint("after-claim");
	console.log("alive");
`;

function run(env: Record<string, string>): { readonly signal: string | null; readonly output: string } {
	const { signal, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
		env: { PATH: process.env["PATH"] ?? "", ...env },
		encoding: "utf8",
	});
	return { signal, output: stdout.trim() };
}

test("kills the process at the named point, at the named passage", () => {
	expect(run({ NODE_ENV: "test", CRASH_AT: "after-claim" })).toEqual({ signal: "SIGKILL", output: "" });
	expect(run({ NODE_ENV: "test", CRASH_AT: "after-claim:2" })).toEqual({ signal: "SIGKILL", output: "" });
	expect(run({ NODE_ENV: "test", CRASH_AT: "after-claim:3" })).toEqual({ signal: null, output: "alive" });
});

test("exists only under test", () => {
	expect(run({ NODE_ENV: "production", CRASH_AT: "after-claim" })).toEqual({ signal: null, output: "alive" });
	expect(run({ CRASH_AT: "after-claim" })).toEqual({ signal: null, output: "alive" });
	expect(run({ NODE_ENV: "test" })).toEqual({ signal: null, output: "alive" });
});
