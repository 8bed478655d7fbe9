import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ClientStart } from "./ledger-client.ts";
import type { QuotaRun } from "./quota-ids.ts";
import type { Word } from "./quota-word.ts";

/** Processes with clients of the ledger; one that is killed has its successor at once, a spare that has loaded. */
export type ClientCrew = {
	/** SIGKILL for the one that has worked longest, if that is long enough to have done something. */
	killOldest(): void;
	readonly kills: number;
	/** Processes that ended although nobody killed them, with their last words. */
	readonly failures: readonly string[];
	/** Kills all; what they said has been heard when it resolves. */
	stop(): Promise<void>;
};

export type CrewOptions = {
	readonly run: QuotaRun;
	readonly processes: number;
	readonly clients: number;
	onWord(word: Word): void;
};

type Member = {
	readonly child: ChildProcess;
	readonly silent: Promise<unknown>;
	/** By performance.now(): its first word. */
	spokeAt: number | undefined;
	isDoomed: boolean;
};

const SPARES = 2;
const WORK_MIN_MS = 400;
const PROGRAM = fileURLToPath(new URL("./ledger-client.ts", import.meta.url));

export function startCrew({ run, processes, clients, onWord }: CrewOptions): ClientCrew {
	let started = 0;
	let kills = 0;
	let isStopping = false;
	const failures: string[] = [];
	const members: Member[] = [];
	const spares: Member[] = [];
	const heard: Promise<unknown>[] = [];

	function load(): Member {
		started += 1;
		const start: ClientStart = { ...run, number: started, clients };
		const member = spawnMember(start, onWord, (lastWords) => {
			const list = members.includes(member) ? members : spares;
			list.splice(list.indexOf(member), 1);
			if (!member.isDoomed) failures.push(lastWords);
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

	function kill(member: Member): void {
		member.isDoomed = true;
		member.child.kill("SIGKILL");
	}

	fill();
	return {
		killOldest() {
			const since = performance.now() - WORK_MIN_MS;
			const [oldest] = members
				.filter(({ isDoomed, spokeAt = Number.POSITIVE_INFINITY }) => !isDoomed && spokeAt < since)
				.sort((one, other) => (one.spokeAt ?? 0) - (other.spokeAt ?? 0));
			if (oldest === undefined) return;
			kills += 1;
			kill(oldest);
		},
		get kills() {
			return kills;
		},
		failures,
		async stop() {
			isStopping = true;
			for (const member of [...members, ...spares]) kill(member);
			await Promise.all(heard);
		},
	};
}

function spawnMember(
	start: ClientStart,
	onWord: (word: Word) => void,
	onExit: (lastWords: string) => void,
): Member {
	const child = spawn(
		process.execPath,
		["--disable-warning=ExperimentalWarning", PROGRAM, JSON.stringify(start)],
		{ stdio: ["pipe", "pipe", "pipe"], env: { PATH: process.env["PATH"] ?? "" } },
	);
	const lines = createInterface({ input: child.stdout });
	const member: Member = { child, silent: once(lines, "close"), spokeAt: undefined, isDoomed: false };
	lines.on("line", (line) => {
		member.spokeAt ??= performance.now();
		const word = toWord(line);
		if (word !== undefined) onWord(word);
	});
	let lastWords = "";
	child.stderr.on("data", (text) => {
		lastWords = (lastWords + String(text)).slice(-500);
	});
	child.stdin.on("error", () => undefined);
	child.once("exit", (code, signal) => onExit(`${code ?? signal}: ${lastWords}`));
	return member;
}

/** undefined for a line that its writer did not live to end. */
function toWord(line: string): Word | undefined {
	try {
		return JSON.parse(line) as Word;
	} catch {
		return undefined;
	}
}
