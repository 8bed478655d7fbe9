import { userInfo } from "node:os";
import { join } from "node:path";
import type { Channel } from "../../core/channels/channel.ts";
import type { Core } from "../../core/core.ts";
import type { Language } from "../../core/pipeline/message.ts";
import { say } from "../../core/texts/say.ts";
import { terminalTexts } from "../../core/texts/terminal.ts";
import { createAsk } from "./ask.ts";
import { createMenu } from "./menu.ts";
import { createPipedScreen, runPiped } from "./piped/run-piped.ts";
import { isColorWanted } from "./render/style.ts";
import { saveFile } from "./save-file.ts";
import type { Output, Screen } from "./screen.ts";
import { createWriter } from "./screen.ts";
import { createShown } from "./shown.ts";
import { createTerminalChannel } from "./terminal-channel.ts";
import type { Keyboard } from "./tty/prompt-line.ts";
import { runInteractive } from "./tty/run-interactive.ts";

export type TerminalOptions = {
	readonly input: Keyboard;
	readonly output: Output;
	/** Both ends are a terminal: a chat with prompt and colours. Else one line in, one answer out. */
	readonly isTty: boolean;
	readonly language: Language;
	/** Where the history of typed lines lives. */
	readonly dataDir: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** Who sits there; the operating system's user unless told. Core knows him as (terminal, local, userName). */
	readonly userName?: string;
	/** Names without slash, for Tab. */
	readonly commands?: readonly string[];
	readonly panelUrl?: string;
	/** Default 11 minutes: longer than any provider may take. */
	readonly answerTimeoutMs?: number;
	/** How long a stored answer may take to appear. */
	readonly showTimeoutMs?: number;
};

export type Terminal = {
	readonly channel: Channel;
	/**
	 * The chat, until the user leaves, the input ends, nobody reads any more, or `signal` aborts. Never throws.
	 * @returns exit code: 1 when an answer failed in a pipe, else 0
	 */
	run(core: Pick<Core, "accept" | "waitForResult" | "requestStop">, signal: AbortSignal): Promise<number>;
};

const ANSWER_TIMEOUT_MS = 660_000;
const SHOW_TIMEOUT_MS = 10_000;

/** The embedded chat. The channel comes before core exists, the conversation after; until then messages wait. */
export function createTerminal(options: TerminalOptions): Terminal {
	const { input, output, isTty, language, env } = options;
	const isColored = isColorWanted(env, isTty);
	const shown = createShown();
	const menu = createMenu();
	const writer = createWriter(output);
	let screen: Screen | undefined;

	const channel = createTerminalChannel({
		markup: isColored ? "ansi" : "plain",
		findScreen: () => screen,
		...(isTty && {
			keepFile: async (attachment) => {
				const path = await saveFile(join(options.dataDir, "exports"), attachment);
				return path === undefined ? undefined : say(terminalTexts.saved, language, { path });
			},
		}),
		onShown: (part) => {
			shown.note(part.text);
			menu.open(part.buttons);
		},
	});

	async function run(
		core: Pick<Core, "accept" | "waitForResult" | "requestStop">,
		signal: AbortSignal,
	): Promise<number> {
		const ask = createAsk({
			core,
			user: { name: options.userName ?? findUserName(), languageHint: language },
			shown,
			answerTimeoutMs: options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS,
			showTimeoutMs: options.showTimeoutMs ?? SHOW_TIMEOUT_MS,
		});
		if (!isTty) {
			screen = createPipedScreen(writer);
			return await runPiped({ ask, menu, screen, input, language, signal });
		}
		await runInteractive({
			core,
			ask,
			menu,
			input,
			output,
			writer,
			language,
			isColored,
			canMove: env["TERM"] !== "dumb",
			historyPath: join(options.dataDir, "terminal-history"),
			commands: options.commands ?? [],
			panelUrl: options.panelUrl,
			signal,
			onOpen: (opened) => {
				screen = opened;
			},
		});
		return 0;
	}

	return { channel, run };
}

/** Containers may run as a user without a name. */
function findUserName(): string {
	try {
		return userInfo().username;
	} catch {
		return "local";
	}
}
