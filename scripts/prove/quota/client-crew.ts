import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Processes with clients of the ledger; one that is killed has its successor at once, a spare that has loaded. */
export type ClientCrew = {
	/**
	 * Ends the one that has worked longest, if that is long enough to have done something.
	 *
	 * @param signal SIGTERM for a program that ends by itself then; what it says until its end is heard
	 * @returns its number
	 */
	killOldest(signal?: "SIGKILL" | "SIGTERM"): number | undefined;
	/** SIGKILLs. */
	readonly kills: number;
	/** Processes that ended although nobody killed them, or by an error, with their last words. */
	readonly failures: readonly string[];
	/** Ends all; what they said has been heard when it resolves. */
	stop(signal?: "SIGKILL" | "SIGTERM"): Promise<void>;
};

/** What a process is told at its start, besides what is the same for all. */
export type MemberStart = { readonly number: number; readonly clients: number };

export type CrewOptions<Word> = {
	/** A file beside this one; it says words as lines of JSON. */
	readonly program: string;
	readonly run: object;
	readonly processes: number;
	readonly clients: number;
	/** Flags and environment of a broken variant. */
	readonly broken?: { readonly flags: readonly string[]; readonly env: Readonly<Record<string, string>> };
	/** number: of the process that says it. */
	onWord(word: Word, number: number): void;
};

type Member = {
	readonly number: number;
	readonly child: ChildProcess;
	readonly silent: Promise<unknown>;
	/** By performance.now(): its first word. */
	spokeAt: number | undefined;
	isDoomed: boolean;
};

const SPARES = 2;
const WORK_MIN_MS = 400;

export function startCrew<Word>(options: CrewOptions<Word>): ClientCrew {
	const { run, processes, clients } = options;
	let started = 0;
	let kills = 0;
	let isStopping = false;
	const failures: string[] = [];
	const members: Member[] = [];
	const spares: Member[] = [];
	const heard: Promise<unknown>[] = [];

	function load(): Member {
		started += 1;
		const member = spawnMember(options, { ...run, number: started, clients }, (lastWords, isCrash) => {
			const list = members.includes(member) ? members : spares;
			list.splice(list.indexOf(member), 1);
			if (!member.isDoomed || isCrash) failures.push(lastWords);
			if (!isStopping) fill();
		});
		heard.push(member.silent);
		return member;
	}

	function fill(): void {
		while (members.length < processes) {
			const member = spares.shift() ?? load();
			members.push(member);
			member.child.stdin?.write("begin\n");
		}
		while (spares.length < SPARES) spares.push(load());
	}

	function kill(member: Member, signal: NodeJS.Signals): void {
		member.isDoomed = true;
		member.child.kill(signal);
	}

	fill();
	return {
		killOldest(signal = "SIGKILL") {
			const since = performance.now() - WORK_MIN_MS;
			const [oldest] = members
				.filter(({ isDoomed, spokeAt = Number.POSITIVE_INFINITY }) => !isDoomed && spokeAt < since)
				.sort((one, other) => (one.spokeAt ?? 0) - (other.spokeAt ?? 0));
			if (oldest === undefined) return undefined;
			if (signal === "SIGKILL") kills += 1;
			kill(oldest, signal);
			return oldest.number;
		},
		get kills() {
			return kills;
		},
		failures,
		async stop(signal = "SIGKILL") {
			isStopping = true;
			for (const member of members) kill(member, signal);
			for (const member of spares) kill(member, "SIGKILL");
			await Promise.all(heard);
		},
	};
}

function spawnMember<Word>(
	{ program, broken, onWord }: CrewOptions<Word>,
	start: MemberStart,
	onExit: (lastWords: string, isCrash: boolean) => void,
): Member {
	const file = fileURLToPath(new URL(program, import.meta.url));
	const child = spawn(
		process.execPath,
		["--disable-warning=ExperimentalWarning", ...(broken?.flags ?? []), file, JSON.stringify(start)],
		{ stdio: ["pipe", "pipe", "pipe"], env: { PATH: process.env["PATH"] ?? "", ...broken?.env } },
	);
	const lines = createInterface({ input: child.stdout });
	const { number } = start;
	const member: Member = { number, child, silent: once(lines, "close"), spokeAt: undefined, isDoomed: false };
	lines.on("line", (line) => {
		member.spokeAt ??= performance.now();
		const word = toWord<Word>(line);
		if (word !== undefined) onWord(word, number);
	});
	let lastWords = "";
	child.stderr.on("data", (text) => {
		lastWords = (lastWords + String(text)).slice(-500);
	});
	child.stdin.on("error", () => undefined);
	child.once("exit", (code, signal) => onExit(`${code ?? signal}: ${lastWords}`, (code ?? 0) !== 0));
	return member;
}

/** undefined for a line that its writer did not live to end. */
function toWord<Word>(line: string): Word | undefined {
	try {
		return JSON.parse(line) as Word;
	} catch {
		return undefined;
	}
}
