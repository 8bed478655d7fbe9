import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { FakeTerminal, FakeTerminalOptions } from "./testing/fake-terminal.ts";
import { openFakeTerminal } from "./testing/fake-terminal.ts";
import { plain } from "./testing/held-turn.ts";

const PROMPT = "› ";

let it: FakeTerminal | undefined;

afterEach(async () => {
	it?.stop();
	await it?.ended;
	it = undefined;
});

async function open(options: FakeTerminalOptions = {}): Promise<FakeTerminal> {
	it = await openFakeTerminal({ env: { TERM: "xterm", NO_COLOR: "1" }, ...options });
	await it.until(PROMPT);
	return it;
}

describe("history", () => {
	test("survives, is bounded, is the user's alone and holds no codes", async () => {
		const chat = await open();
		for (const line of ["first", "/bind ABCDE12345", "second"]) {
			chat.type(`${line}\r`);
			await chat.until(`echo ${line}`);
			await chat.until(() => plain(chat.written()).endsWith(PROMPT));
		}
		chat.type("/quit\r");
		await chat.ended;
		const path = join(chat.dataDir, "terminal-history");
		expect(await readFile(path, "utf8")).toBe("first\nsecond\n/quit\n");
		expect((await stat(path)).mode & 0o777).toBe(0o600);

		const again = await open({ dataDir: chat.dataDir });
		again.type("\x1b[A\x1b[A\r");
		await again.until("echo second");
	});

	test("that cannot be kept disturbs nobody", async () => {
		const chat = await open({ dataDir: import.meta.filename });
		chat.type("hi\r");
		await chat.until("echo hi");
	});
});
