import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
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

	test("shows an attachment in a pipe, as a block nobody can break out of", async () => {
		it = await openFakeTerminal({ isTty: false });
		const { channel } = it.terminal;
		const attachment = { filename: "a`b\n.txt", text: "```\nx" };
		const [part] = channel.render({ markdown: "", attachment });
		expect(await channel.send(CHAT, part ?? { text: "", plain: "" }, {})).toMatchObject({ kind: "sent" });
		expect(it.written()).toBe("````ab.txt\n```\nx\n````\n");
	});

	test("keeps an attachment as a file of the user's own and tells where", async () => {
		const chat = await open();
		const { channel } = chat.terminal;
		const [part] = channel.render({ markdown: "Here.", attachment: { filename: "../a b.json", text: "{}" } });
		await channel.send(CHAT, part ?? { text: "", plain: "" }, {});
		const path = join(chat.dataDir, "exports", "__a_b.json");
		await chat.until("Saved to");
		expect(chat.written()).not.toContain("{}");
		expect(await readFile(path, "utf8")).toBe("{}");
		expect((await stat(path)).mode & 0o777).toBe(0o600);
	});

	test("shows the attachment after all when it cannot be kept", async () => {
		const chat = await open({ dataDir: "/dev/null" });
		const { channel } = chat.terminal;
		const [part] = channel.render({ markdown: "Here.", attachment: { filename: "a.json", text: "{}" } });
		await channel.send(CHAT, part ?? { text: "", plain: "" }, {});
		await chat.until("{}");
	});

	test("is never empty", async () => {
		const { render } = (await open()).terminal.channel;
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
