import { afterEach, describe, expect, test } from "@jest/globals";
import type { FakeTerminal, FakeTerminalOptions } from "./testing/fake-terminal.ts";
import { openFakeTerminal } from "./testing/fake-terminal.ts";

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
