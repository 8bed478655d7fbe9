import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import type { Terminal, TerminalOptions } from "../create-terminal.ts";
import { createTerminal } from "../create-terminal.ts";
import type { ScriptedCore, ScriptedTurn } from "./scripted-core.ts";
import { createScriptedCore } from "./scripted-core.ts";

export type FakeTerminal = {
	readonly terminal: Terminal;
	readonly core: ScriptedCore;
	readonly dataDir: string;
	/** Keys, or bytes of a pipe. */
	type(text: string): void;
	/** Ends the input: EOF, or Ctrl-D. */
	endInput(): void;
	/** Everything written so far. */
	written(): string;
	/** Resolves once `part` was written, at the latest in 5 s. */
	until(part: string | (() => boolean)): Promise<void>;
	/** The reader of the output goes away. */
	breakOutput(): void;
	/** The exit code of the conversation. */
	readonly ended: Promise<number>;
	readonly rawModes: readonly boolean[];
	stop(): void;
};

export type FakeTerminalOptions = Partial<TerminalOptions> & {
	readonly script?: (text: string, inboxId: string) => ScriptedTurn;
	readonly columns?: number;
};

const WAIT_MS = 5_000;

/** A terminal of streams, with a conversation running in it over a scripted core. */
export async function openFakeTerminal(options: FakeTerminalOptions = {}): Promise<FakeTerminal> {
	const { script = toEcho, columns = 80, ...rest } = options;
	const dataDir = rest.dataDir ?? (await mkdtemp(join(tmpdir(), "rockpool-terminal-")));
	const rawModes: boolean[] = [];
	const input = Object.assign(new PassThrough(), {
		setRawMode: (isRaw: boolean) => rawModes.push(isRaw),
	});
	let text = "";
	let isBroken = false;
	const output = Object.assign(
		new Writable({
			write(chunk, _encoding, done) {
				if (isBroken) done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
				else {
					text += String(chunk);
					done();
				}
			},
		}),
		{ columns },
	);
	const terminal = createTerminal({
		input,
		output,
		isTty: true,
		language: "en",
		dataDir,
		env: { TERM: "xterm" },
		userName: "ann",
		...rest,
	});
	const core = createScriptedCore(terminal.channel, script);
	const stop = new AbortController();
	return {
		terminal,
		core,
		dataDir,
		rawModes,
		type: (keys) => void input.write(keys),
		endInput: () => void input.end(),
		written: () => text,
		async until(part) {
			const isThere = typeof part === "string" ? () => text.includes(part) : part;
			const endsAt = performance.now() + WAIT_MS;
			while (!isThere()) {
				if (performance.now() > endsAt)
					throw new Error(`never written: ${String(part)}; got: ${JSON.stringify(text)}`);
				await new Promise((resolve) => setTimeout(resolve, 2));
			}
		},
		breakOutput() {
			isBroken = true;
		},
		ended: terminal.run(core, stop.signal),
		stop: () => stop.abort(),
	};
}

export function toEcho(text: string): ScriptedTurn {
	return { result: { replies: [{ markdown: `echo ${text}` }] } };
}
