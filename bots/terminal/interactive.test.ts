import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { FakeTerminal, FakeTerminalOptions } from "./testing/fake-terminal.ts";
import { openFakeTerminal, toEcho } from "./testing/fake-terminal.ts";

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

/** A turn that ends when told to. */
function createHeldTurn(markdown: string) {
	let finish = (): void => {};
	const until = new Promise<void>((resolve) => {
		finish = resolve;
	});
	return { finish: () => finish(), turn: { until, result: { replies: [{ markdown }] } } };
}

/** Without what moves the cursor or takes lines away. */
function plain(text: string): string {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
	return text.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, "").replace(/\r[^\n]*?…/g, "");
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

const CHAT = { platform: "terminal", botId: "local", id: "ann", kind: "private" } as const;

describe("the terminal channel", () => {
	test("asks to be tried again before the chat is open", async () => {
		const { createTerminal } = await import("./create-terminal.ts");
		const { PassThrough } = await import("node:stream");
		const { channel } = createTerminal({
			input: new PassThrough(),
			output: new PassThrough(),
			isTty: false,
			language: "en",
			dataDir: "/tmp",
			env: {},
		});
		expect(await channel.send(CHAT, { text: "x", plain: "x" }, {})).toEqual({
			kind: "not-sent",
			why: "not open yet",
			retryAfterMs: 500,
		});
	});

	test("renders an attachment as a block nobody can break out of, and is never empty", async () => {
		const chat = await open();
		const { render } = chat.terminal.channel;
		expect(
			render({ markdown: "", attachment: { filename: "a`b\n.txt", text: "```\nx" } }).map(
				(part) => part.text,
			),
		).toEqual(["````ab.txt\n```\nx\n````"]);
		expect(render({ markdown: "" })).toEqual([{ text: "…", plain: "…" }]);
	});

	test.each([[null], [{}], [{ user: "a" }], ["x"], [{ user: "", input: { kind: "text", text: "x" } }]])(
		"takes %j as ignored",
		async (body) => {
			const chat = await open();
			const inbound = chat.terminal.channel.toInbound(body, { botId: "local", eventId: "e" });
			expect(inbound.content.kind).toBe("ignored");
			expect(inbound.sender).toBeUndefined();
		},
	);
});
