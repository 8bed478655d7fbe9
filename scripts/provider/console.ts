import { createInterface } from "node:readline/promises";
import { WizardError } from "./wizard-error.ts";

export type Question = {
	readonly text: string;
	/** Taken for an empty answer, and without asking where nobody can be asked. */
	readonly fallback?: string;
	/** What to say on the command line instead. */
	readonly flag: string;
};

/** Where the wizard speaks and is answered. */
export type Console = {
	/** Whether anybody can be asked. */
	readonly isTty: boolean;
	say(line: string): void;
	/** @throws WizardError where nobody can be asked and there is no fallback. */
	ask(question: Question): Promise<string>;
	/** Without echo. @throws WizardError where there is no terminal, or when it is left. */
	askHidden(question: Question): Promise<string>;
};

export type ConsoleStreams = {
	readonly input: NodeJS.ReadableStream & {
		readonly isTTY?: boolean;
		setRawMode?(isRaw: boolean): unknown;
	};
	/** Results. */
	readonly output: NodeJS.WritableStream;
	/** Questions, so that results can be piped on. */
	readonly prompts: NodeJS.WritableStream;
};

const ANSWER_LENGTH_MAX = 10_000;
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const BACKSPACES = new Set(["\b", "\u007f"]);
const CTRL_U = "\u0015";

/** @param scrub takes out every secret that is known; the last thing done to a line */
export function createConsole(streams: ConsoleStreams, scrub: (text: string) => string): Console {
	const { input, output, prompts } = streams;
	const isTty = input.isTTY === true;
	return {
		isTty,
		say: (line) => void output.write(`${toPlain(scrub(line))}\n`),
		async ask({ text, fallback, flag }) {
			if (!isTty) {
				if (fallback !== undefined) return fallback;
				throw new WizardError(`${text}: say it with ${flag}, nobody can be asked here`);
			}
			const reader = createInterface({ input, output: prompts });
			reader.once("SIGINT", () => reader.close());
			const left = new Promise<never>((_, reject) =>
				reader.once("close", () => reject(new WizardError("left; nothing was changed"))),
			);
			try {
				const shown = fallback === undefined || fallback === "" ? "" : ` [${fallback}]`;
				const answer = (await Promise.race([reader.question(`${text}${shown}: `), left])).trim();
				return answer === "" ? (fallback ?? "") : answer;
			} finally {
				left.catch(() => undefined);
				reader.close();
			}
		},
		async askHidden({ text, flag }) {
			if (!isTty) {
				throw new WizardError(`${text}: this is no terminal, so it cannot be asked for; say it with ${flag}`);
			}
			return await readHidden(streams, text);
		},
	};
}

/** What came from far ends must not move the cursor or colour the screen. */
function toPlain(text: string): string {
	return text.replace(/[^\P{C}\n]/gu, " ");
}

/** The echo is off before the question is shown, so that nothing typed at it appears. */
async function readHidden({ input, prompts }: ConsoleStreams, text: string): Promise<string> {
	input.setRawMode?.(true);
	input.setEncoding("utf8");
	prompts.write(`${text}: `);
	let line: Line = { text: "", state: "typing" };
	const { promise, resolve, reject } = Promise.withResolvers<string>();
	const leave = () => reject(new WizardError("left; nothing was changed"));
	const onData = (piece: string) => {
		for (const character of piece) {
			if (line.state === "typing") line = type(line.text, character);
		}
		if (line.state === "done") resolve(line.text.trim());
		if (line.state === "left") leave();
	};
	input.on("data", onData);
	input.once("end", leave);
	input.resume();
	try {
		return await promise;
	} finally {
		input.off("data", onData);
		input.off("end", leave);
		input.setRawMode?.(false);
		input.pause();
		prompts.write("\n");
	}
}

type Line = { readonly text: string; readonly state: "typing" | "done" | "left" };

/** One key pressed at a line of which nothing is shown. */
function type(text: string, character: string): Line {
	if (character === "\r" || character === "\n") return { text, state: "done" };
	if (character === CTRL_C || (character === CTRL_D && text === "")) return { text: "", state: "left" };
	if (BACKSPACES.has(character)) return { text: text.slice(0, -1), state: "typing" };
	if (character === CTRL_U) return { text: "", state: "typing" };
	return { text: text.length < ANSWER_LENGTH_MAX ? text + character : text, state: "typing" };
}
