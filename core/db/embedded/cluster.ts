import { execFile } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Place } from "./place.ts";
import type { RunAs } from "./run-as.ts";

/** The role and the database of the application. It owns the database and is no superuser. */
export const APPLICATION = "rockpool";

const DRAFT_AGE_MAX_MS = 3_600_000;
const COMMAND_TIMEOUT_MS = 120_000;

/** Makes the cluster when there is none. A cluster that exists is complete: it is built under another name. */
export async function ensureCluster(place: Place): Promise<void> {
	const { home } = place;
	await dropDrafts(home);
	const version = await readFile(join(home, "data", "PG_VERSION"), "utf8").catch(
		(error: NodeJS.ErrnoException) => {
			if (error.code === "ENOENT") return undefined;
			throw new Error(`${home} cannot be read; it belongs to another user`, { cause: error });
		},
	);
	if (version === undefined) return await buildCluster(place);
	const [major] = place.binaries.version.split(".");
	if (version.trim() === major) return;
	throw new Error(
		`${home} was made by PostgreSQL ${version.trim()}, this is ${major}; dump it with the old release and restore it here`,
	);
}

/** The password of every role of the cluster. */
export async function readPassword(home: string): Promise<string> {
	return (await readFile(join(home, "password"), "utf8")).trim();
}

async function buildCluster(place: Place): Promise<void> {
	const { home, runAs } = place;
	const draft = `${home}.new-${randomUUID()}`;
	const data = join(draft, "data");
	const passwordFile = join(draft, "password");
	const password = randomBytes(24).toString("base64url");
	try {
		await mkdir(draft, { mode: 0o700 });
		await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
		await give(draft, runAs);
		await give(passwordFile, runAs);
		await execute(place, "initdb", [
			...["-D", data, "--username=postgres", `--pwfile=${passwordFile}`, "--auth=scram-sha-256"],
			...[
				"--encoding=UTF8",
				"--locale=C",
				"--locale-provider=builtin",
				"--builtin-locale=C.UTF-8",
				"--no-instructions",
			],
		]);
		await execute(
			place,
			"postgres",
			["--single", "-D", data, "-c", "log_min_messages=fatal", "postgres"],
			`create role ${APPLICATION} login createdb password '${password}'\ncreate database ${APPLICATION} owner ${APPLICATION}\n`,
		);
		await rename(draft, home).catch(async (error: unknown) => {
			// another process was faster, and its cluster is as good
			if ((await stat(join(home, "data")).catch(() => undefined)) === undefined) throw error;
		});
	} finally {
		await rm(draft, { recursive: true, force: true });
	}
}

/** Left behind by a process that was killed while it built. Age keeps us off those of a process that is building now. */
async function dropDrafts(home: string): Promise<void> {
	const parent = dirname(home);
	for (const name of await readdir(parent)) {
		if (!name.startsWith(`${basename(home)}.new-`)) continue;
		const path = join(parent, name);
		const about = await stat(path).catch(() => undefined);
		if (about !== undefined && Date.now() - about.mtimeMs > DRAFT_AGE_MAX_MS) {
			await rm(path, { recursive: true, force: true });
		}
	}
}

async function give(path: string, runAs: RunAs): Promise<void> {
	if (runAs !== undefined) await chown(path, runAs.uid, runAs.gid);
}

/** @throws Error with what the program said. */
async function execute(place: Place, name: string, args: readonly string[], input = ""): Promise<void> {
	const program = join(place.binaries.directory, "bin", name);
	await new Promise<void>((resolve, reject) => {
		const child = execFile(
			program,
			args,
			// our own environment holds secrets that are none of its business
			{ cwd: "/", env: { LC_ALL: "C", TZ: "UTC" }, timeout: COMMAND_TIMEOUT_MS, ...place.runAs },
			(error, stdout, stderr) => {
				if (error === null) resolve();
				else
					reject(
						new Error(`${name} failed: ${`${stderr}\n${stdout}`.trim().slice(-2_000)}`, { cause: error }),
					);
			},
		);
		child.stdin?.on("error", () => undefined);
		child.stdin?.end(input);
	});
}
