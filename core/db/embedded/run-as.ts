import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { promisify } from "node:util";
import type { Binaries } from "./binaries.ts";

/** Who the server runs as; undefined: who we are. PostgreSQL refuses to run as root. */
export type RunAs = { readonly uid: number; readonly gid: number } | undefined;

const execute = promisify(execFile);

/** In this order; the first that exists. The last is made when none does. */
const USERS = ["rockpool", "postgres"] as const;
const USER_TO_MAKE = "rockpool";

/**
 * As root: the owner of the cluster that is there already, else a system user. Otherwise ourselves.
 *
 * @param users names tried in order; the first is made when none exists.
 * @throws Error when we are root and there is no user to run as.
 */
export async function findRunAs(home: string, users: readonly string[] = USERS): Promise<RunAs> {
	if (process.getuid?.() !== 0) return undefined;
	const owner = await stat(home).catch(() => undefined);
	if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
	for (const user of users) {
		const ids = await findUser(user);
		if (ids !== undefined) return ids;
	}
	return await makeUser(users[0] ?? USER_TO_MAKE);
}

/** Runs a program of the system. Our own environment holds secrets that are none of its business. */
async function run(
	program: string,
	args: readonly string[],
	options: { readonly cwd?: string; readonly uid?: number; readonly gid?: number } = {},
): Promise<{ readonly stdout: string }> {
	const env = { LC_ALL: "C", PATH: process.env["PATH"] ?? "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
	return await execute(program, args, { ...options, env });
}

async function findUser(name: string): Promise<RunAs> {
	try {
		const [uid, gid] = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]);
		return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
	} catch {
		return undefined;
	}
}

async function makeUser(name: string): Promise<RunAs> {
	const about = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", name];
	const cause: unknown = await run("useradd", about).then(
		() => undefined,
		(error: unknown) => error,
	);
	const ids = await findUser(name);
	if (ids !== undefined) return ids;
	throw new Error(
		"PostgreSQL does not run as root, and no system user could be made for it; run as another user, make a user named rockpool, or set DATABASE_URL",
		{ cause },
	);
}

/** Whether that user can run the binaries where they lie: every directory above must let it through. */
export async function canRun(binaries: Binaries, runAs: RunAs): Promise<boolean> {
	const script =
		'"$1/bin/postgres" --version && test -r "$1/share/postgresql/postgres.bki" && test -x "$1/bin/initdb"';
	return await succeeds(script, binaries.directory, runAs);
}

/** Whether that user can get at a path inside the directory. Only searching is needed, not listing or writing. */
export async function canEnter(directory: string, runAs: RunAs): Promise<boolean> {
	return await succeeds('test -x "$1/."', directory, runAs);
}

async function succeeds(script: string, path: string, runAs: RunAs): Promise<boolean> {
	return await run("/bin/sh", ["-c", script, "sh", path], { cwd: "/", ...runAs }).then(
		() => true,
		() => false,
	);
}
