import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { chown, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { OwnUser } from "./own-user.ts";

/**
 * Runs a program as the only child of a shell, which writes down how it ended: whoever asks later need not be its parent, nor
 * have been there. Argument 1 is the file, the rest the program. A signal for the group reaches both; the shell outlives it.
 */
const KEEPER = `
trap : HUP INT TERM
file=$1; shift
umask 077
"$@"
code=$?
echo "$code" >"$file.new" && mv "$file.new" "$file"
`;

export type KeptProgram = {
	/** Where how it ended is written. */
	readonly out: string;
	readonly log: string;
	readonly directory: string;
	readonly command: readonly string[];
	/** All of it. */
	readonly environment: Readonly<Record<string, string>>;
	readonly user: OwnUser;
};

/** By this argument the shell is found where nobody had the time to write its number down. */
export function toKeeperMark(out: string): string {
	return join(out, "exit");
}

/** Starts it in a group of its own. @returns the group's number, which is the shell's @throws Error where there is no shell */
export async function startKept(program: KeptProgram): Promise<number> {
	const { out, log, directory, command, environment, user } = program;
	await mkdir(out, { recursive: true, mode: 0o700 });
	if (user !== undefined) await chown(out, user.uid, user.gid);
	const lines = openSync(log, "a", 0o600);
	try {
		const child = spawn("/bin/sh", ["-c", KEEPER, "keeper", toKeeperMark(out), ...command], {
			cwd: directory,
			env: environment,
			detached: true,
			stdio: ["ignore", lines, lines],
			...user,
		});
		await once(child, "spawn");
		// We do not wait for it, and it does not keep us from ending.
		child.unref();
		if (child.pid === undefined) throw new Error("the program did not start");
		return child.pid;
	} finally {
		closeSync(lines);
	}
}
