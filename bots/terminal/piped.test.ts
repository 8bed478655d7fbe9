import { describe, expect, test } from "@jest/globals";
import type { FakeTerminalOptions } from "./testing/fake-terminal.ts";
import { openFakeTerminal } from "./testing/fake-terminal.ts";

async function pipe(text: string, options: FakeTerminalOptions = {}) {
	const it = await openFakeTerminal({ isTty: false, ...options });
	it.type(text);
	it.endInput();
	return { code: await it.ended, text: it.written(), it };
}

describe("a pipe", () => {
	test("gives one answer for each line, in order, and ends with 0", async () => {
		const { code, text, it } = await pipe("hello\n/usage\n");
		expect(text).toBe("echo hello\necho /usage\n");
		expect(code).toBe(0);
		expect(it.core.events.map((event) => event.lane)).toEqual(["terminal:local:ann", "terminal:local:ann"]);
		expect(new Set(it.core.events.map((event) => event.eventId)).size).toBe(2);
	});

	test("shows the last answer before it ends, also without a last line end and with CRLF", async () => {
		const { text } = await pipe("one\r\n\n  \ntwo");
		expect(text).toBe("echo one\necho two\n");
	});

	test("waits for each answer before the next line is sent", async () => {
		let finish = (): void => {};
		const first = new Promise<void>((resolve) => {
			finish = resolve;
		});
		const it = await openFakeTerminal({
			isTty: false,
			script: (text) => ({
				result: { replies: [{ markdown: `echo ${text}` }] },
				...(text === "one" ? { until: first } : {}),
			}),
		});
		it.type("one\ntwo\n");
		it.endInput();
		await it.until(() => it.core.events.length === 1);
		for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
		expect(it.core.events).toHaveLength(1);
		finish();
		await it.ended;
		expect(it.written()).toBe("echo one\necho two\n");
	});

	test("writes neither colours nor a spinner nor drafts, even to a colourful terminal", async () => {
		const { text } = await pipe("a\n", {
			env: { TERM: "xterm-256color", COLORTERM: "truecolor" },
			script: () => ({ drafts: ["**b", "**bold**"], result: { replies: [{ markdown: "**bold** `x`" }] } }),
		});
		expect(text).toBe("**bold** `x`\n");
	});

	test("strips control characters from answers", async () => {
		const { text } = await pipe("a\n", {
			script: () => ({ result: { replies: [{ markdown: "x\x1b[2J\x07\u202ey" }] } }),
		});
		expect(text).toBe("x[2Jy\n");
	});

	test("with a failed answer goes on and ends with 1", async () => {
		const { code, text } = await pipe("bad\ngood\n", {
			script: (message) => ({
				result: {
					replies: [{ markdown: `about ${message}` }],
					...(message === "bad" ? { error: { code: "ROUTER_TIMEOUT", retryable: true } } : {}),
				},
			}),
		});
		expect(text).toBe("about bad\nabout good\n");
		expect(code).toBe(1);
	});

	test("says it when a turn failed without a word", async () => {
		const { code, text } = await pipe("x\n", {
			script: () => ({ result: { replies: [], error: { code: "INTERNAL", retryable: true } } }),
		});
		expect(text).toContain("There is no answer to this message.");
		expect(code).toBe(1);
	});

	test("says it when a message could not be stored", async () => {
		const it = await openFakeTerminal({ isTty: false, language: "ru" });
		it.core.failAccept = true;
		it.type("x\n");
		it.endInput();
		expect(await it.ended).toBe(1);
		expect(it.written()).toContain("Сообщение не удалось сохранить");
	});

	test("says where an answer is that was stored but not shown", async () => {
		const { code, text } = await pipe("x\n", {
			showTimeoutMs: 20,
			script: () => ({ result: { replies: [{ markdown: "lost" }] }, isDelivered: false }),
		});
		expect(text).toContain("/last");
		expect(code).toBe(1);
	});

	test("says it when an answer takes too long", async () => {
		const { code, text } = await pipe("x\n", {
			answerTimeoutMs: 20,
			script: () => ({ result: { replies: [] }, until: new Promise(() => {}) }),
		});
		expect(text).toContain("not ready yet");
		expect(code).toBe(1);
	});

	test("refuses a line that is too long, without keeping it, and goes on", async () => {
		const { code, text, it } = await pipe(`${"x".repeat(100_000)}\nshort\n`);
		expect(text).toContain("longer than 16000 characters");
		expect(text).toContain("echo short");
		expect(it.core.said()).toEqual(["short"]);
		expect(code).toBe(1);
	});

	test("ends at /quit", async () => {
		const { text } = await pipe("a\n/quit\nb\n");
		expect(text).toBe("echo a\n");
	});

	test("of nothing is no failure", async () => {
		expect((await pipe("")).code).toBe(0);
	});

	test("whose reader left ends quietly", async () => {
		const it = await openFakeTerminal({ isTty: false });
		it.breakOutput();
		it.type("a\nb\nc\n");
		expect(await it.ended).toBe(0);
		expect(it.core.events.length).toBeLessThanOrEqual(1);
		const chat = { platform: "terminal", botId: "local", id: "ann", kind: "private" } as const;
		expect(await it.terminal.channel.send(chat, { text: "x", plain: "x" }, {})).toMatchObject({
			kind: "unknown",
		});
	});

	test("is given up when the process must end", async () => {
		const it = await openFakeTerminal({
			isTty: false,
			script: () => ({ result: { replies: [] }, until: new Promise(() => {}) }),
		});
		it.type("a\n");
		await it.until(() => it.core.events.length === 1);
		it.stop();
		expect(await it.ended).toBe(0);
	});

	test("presses a numbered button, once", async () => {
		const { text, it } = await pipe("menu\n2\n2\n", {
			script: (message) => ({
				result: {
					replies: [
						message === "menu"
							? {
									markdown: "Which?",
									buttons: [
										[{ label: "Smart", data: "tier:BEST" }],
										[{ label: "Economy", data: "tier:CHEAP" }],
									],
								}
							: { markdown: `got ${message}` },
					],
				},
			}),
		});
		expect(text).toBe("Which?\n\n1. Smart\n2. Economy\ngot !tier:CHEAP\ngot 2\n");
		expect(it.core.events[1]?.lane).toBe("terminal:local:ann#fast");
	});

	test("keeps bytes that come in pieces together", async () => {
		const it = await openFakeTerminal({ isTty: false });
		const bytes = Buffer.from("привет 你好\n");
		for (const byte of bytes) it.type(Buffer.from([byte]) as unknown as string);
		it.endInput();
		await it.ended;
		expect(it.core.said()).toEqual(["привет 你好"]);
	});
});
