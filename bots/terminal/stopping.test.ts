import { afterEach, describe, expect, test } from "@jest/globals";
import type { FakeTerminal, FakeTerminalOptions } from "./testing/fake-terminal.ts";
import { openFakeTerminal } from "./testing/fake-terminal.ts";
import { createHeldTurn, plain } from "./testing/held-turn.ts";

const CTRL_C = "\x03";
const CTRL_D = "\x04";
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

describe("stopping", () => {
	test("Ctrl-C stops the running answer once, and twice leaves", async () => {
		const held = createHeldTurn("never");
		const chat = await open({ script: () => held.turn });
		chat.type("long\r");
		await chat.until(() => chat.core.events.length === 1);
		await chat.until("Thinking");
		await new Promise((resolve) => setTimeout(resolve, 10));
		chat.type(CTRL_C);
		await chat.until(() => chat.core.stopped.length === 1);
		await chat.until("Stopping…");
		expect(chat.core.stopped).toEqual(["1"]);
		chat.type(CTRL_C);
		expect(await chat.ended).toBe(0);
		expect(chat.written()).toContain("\x1b[?2004l");
		expect(chat.rawModes.at(-1)).toBe(false);
	});

	test("a stopped answer gives the prompt back", async () => {
		const held = createHeldTurn("as far as it came");
		const chat = await open({ script: () => held.turn });
		chat.type("long\r");
		await chat.until(() => chat.core.events.length === 1);
		chat.type(CTRL_C);
		await chat.until(() => chat.core.stopped.length === 1);
		held.finish();
		await chat.until("as far as it came\n\n");
		await chat.until(() => plain(chat.written()).endsWith(PROMPT));
		chat.type("/quit\r");
		expect(await chat.ended).toBe(0);
	});

	test("/stop while an answer runs stops it at once", async () => {
		const held = createHeldTurn("half");
		const chat = await open({ script: () => held.turn });
		chat.type("long\r");
		await chat.until(() => chat.core.events.length === 1);
		chat.type("/stop\r");
		await chat.until(() => chat.core.stopped.length === 1);
		held.finish();
		await chat.until("half\n");
		expect(chat.core.events).toHaveLength(1);
	});

	test("Ctrl-C on a typed line clears it; on an empty one it asks for a second", async () => {
		const chat = await open();
		chat.type("rubbish");
		await chat.until("rubbish");
		chat.type(CTRL_C);
		chat.type("good\r");
		await chat.until("echo good");
		await chat.until(() => plain(chat.written()).endsWith(PROMPT));
		chat.type(CTRL_C);
		await chat.until("Press Ctrl-C again");
		chat.type("more\r");
		await chat.until("echo more");
		await chat.until(() => plain(chat.written()).endsWith(PROMPT));
		chat.type(CTRL_C);
		await new Promise((resolve) => setTimeout(resolve, 10));
		chat.type(CTRL_C);
		expect(await chat.ended).toBe(0);
		expect(chat.core.said()).toEqual(["good", "more"]);
	});

	test.each([
		["/quit", "/quit\r"],
		["/exit", "/exit\r"],
		["Ctrl-D", CTRL_D],
	])("%s leaves", async (_, keys) => {
		const chat = await open();
		chat.type(keys);
		expect(await chat.ended).toBe(0);
		expect(chat.core.events).toHaveLength(0);
	});

	test("a terminal that is closed ends the chat", async () => {
		const chat = await open();
		chat.breakOutput();
		chat.type("x");
		expect(await chat.ended).toBe(0);
	});
});
