import { afterEach, describe, expect, test } from "@jest/globals";
import type { FakeTerminal, FakeTerminalOptions } from "./testing/fake-terminal.ts";
import { openFakeTerminal, toEcho } from "./testing/fake-terminal.ts";
import { createHeldTurn, plain } from "./testing/held-turn.ts";

const PROMPT = "› ";
const CHAT = { platform: "terminal", botId: "local", id: "ann", kind: "private" } as const;

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

describe("a chat at a keyboard", () => {
	test("greets, answers, and asks again", async () => {
		const chat = await open({ panelUrl: "http://127.0.0.1:8080/admin" });
		expect(chat.written()).toContain("Rockpool · your own AI agent, metered");
		expect(chat.written()).toContain("Admin panel: http://127.0.0.1:8080/admin");
		chat.type("hello\r");
		await chat.until("echo hello\n\n");
		await chat.until(() => plain(chat.written()).endsWith(PROMPT));
		expect(chat.core.inbounds[0]).toMatchObject({
			sender: { platform: "terminal", botId: "local", userId: "ann", languageHint: "en" },
			chat: { platform: "terminal", botId: "local", id: "ann", kind: "private" },
			content: { kind: "text", text: "hello", forwarded: false },
		});
		expect(chat.rawModes[0]).toBe(true);
	});

	test.each([
		["zh-CN", "按量计费"],
		["ru", "ваш личный ИИ-агент"],
	] as const)("greets in %s", async (language, words) => {
		const chat = await open({ language });
		expect(chat.written()).toContain(words);
	});

	test("uses colours on a terminal, and none with NO_COLOR", async () => {
		const colourful = await open({ env: { TERM: "xterm" } });
		expect(colourful.written()).toContain("\x1b[1mRockpool");
		expect(colourful.terminal.channel.capabilities.markup).toBe("ansi");
		colourful.stop();
		await colourful.ended;
		const grey = await open();
		grey.type("hi\r");
		await grey.until("echo hi");
		for (const code of ["\x1b[1m", "\x1b[2m", "\x1b[0m"]) expect(grey.written()).not.toContain(code);
		expect(grey.terminal.channel.capabilities.markup).toBe("plain");
	});

	test("shows that somebody works, and takes it away", async () => {
		const held = createHeldTurn("done");
		const chat = await open({ script: () => held.turn });
		chat.type("hi\r");
		await chat.until("Thinking…");
		held.finish();
		await chat.until("\r\x1b[2K");
		await chat.until("done\n");
		expect(chat.written().indexOf("\r\x1b[2K")).toBeLessThan(chat.written().indexOf("done\n"));
	});

	test("writes an answer as it comes, and only once", async () => {
		const held = createHeldTurn("One two three **four** five.");
		const drafts = ["One tw", "One two three **fo", "One two three **four** fi"];
		const chat = await open({ script: () => ({ ...held.turn, drafts }) });
		chat.type("count\r");
		await chat.until("One two three four");
		held.finish();
		await chat.until(" five.\n\n");
		expect(chat.written().match(/One/g)).toHaveLength(1);
	});

	test("begins a new block when the final text is another one", async () => {
		const chat = await open({
			script: () => ({ drafts: ["First try "], result: { replies: [{ markdown: "Second try" }] } }),
		});
		chat.type("x\r");
		await chat.until("Second try\n\n");
		expect(plain(chat.written())).toContain("First try\n\nSecond try\n\n");
	});

	test("wraps to the width of the terminal", async () => {
		const chat = await open({
			columns: 30,
			script: () => ({ result: { replies: [{ markdown: "aaaa ".repeat(12) }] } }),
		});
		chat.type("x\r");
		await chat.until("aaaa\naaaa");
	});

	test("shows a message nobody waits for above what is being typed", async () => {
		const chat = await open();
		chat.type("half a li");
		await chat.until("half a li");
		const { channel } = chat.terminal;
		const [part] = channel.render({ markdown: "Broadcast" });
		if (part === undefined) throw new Error("no part");
		expect(await channel.send(chat.core.inbounds[0]?.chat ?? CHAT, part, {})).toMatchObject({ kind: "sent" });
		await chat.until("Broadcast\n\n");
		await chat.until(() => plain(chat.written()).endsWith(`${PROMPT}half a li`));
		chat.type("ne\r");
		await chat.until("echo half a line");
	});

	test("sends lines typed ahead one after the other", async () => {
		const held = createHeldTurn("first answer");
		const chat = await open({ script: (text) => (text === "first" ? held.turn : toEcho(text)) });
		chat.type("first\r");
		await chat.until(() => chat.core.events.length === 1);
		chat.type("second\rthird\r");
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(chat.core.said()).toEqual(["first"]);
		held.finish();
		await chat.until("echo third");
		expect(plain(chat.written())).toContain(`${PROMPT}second\n`);
		expect(chat.core.said()).toEqual(["first", "second", "third"]);
	});

	test("takes a paste of several lines as one message", async () => {
		const chat = await open();
		chat.type("look: \x1b[200~one\r\ntwo\n\tthree\x1b[2");
		chat.type("01~ ok\r");
		await chat.until(() => chat.core.events.length === 1);
		expect(chat.core.said()).toEqual(["look: one\ntwo\n    three ok"]);
		expect(chat.written()).toContain("\x1b[?2004h");
	});

	test("completes commands by Tab", async () => {
		const chat = await open({ commands: ["usage", "unbind", "help"] });
		for (const keys of ["/us", "\t", "\r"]) {
			chat.type(keys);
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
		await chat.until("echo /usage");
	});

	test("presses a numbered button", async () => {
		const chat = await open({
			script: (text) => ({
				result: {
					replies: [
						{
							markdown: `seen ${text}`,
							...(text === "menu" ? { buttons: [[{ label: "Stop\x1b[2J", data: "stop:1" }]] } : {}),
						},
					],
				},
			}),
		});
		chat.type("menu\r");
		await chat.until("1. Stop[2J");
		chat.type("1\r");
		await chat.until("seen !stop:1");
	});
});
