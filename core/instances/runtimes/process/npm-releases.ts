import { execFile } from "node:child_process";
import { chmod, copyFile, link, mkdir, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import type { Release } from "../../cell.ts";
import type { Releases } from "./process-runtime.ts";

/** A package in one exact version: what was tried is what runs. */
const FORM = /^([a-z0-9][a-z0-9._-]{0,60})@(\d{1,6}\.\d{1,6}\.\d{1,6}(?:-[0-9A-Za-z.-]{1,40})?)$/;
const INSTALL_MS_MAX = 600_000;
/** After a failure nobody asks the registry again for so long. */
const PAUSE_MS = 60_000;
const packageSchema = z.object({ bin: z.union([z.string(), z.record(z.string(), z.string())]) });

export type NpmReleasesOptions = {
	/** Directory of its own. */
	readonly root: string;
	/** The program that installs; npm's own unless a test has one. */
	readonly npm?: string;
	/** Why a release could not be installed: for the operator, since it names his machine. */
	readonly onTrouble: (message: string, error: unknown) => void;
};

/** How npm reaches its registry on this machine; what else our own environment holds is none of its business. */
const REACH =
	/^(?:home|path|node_extra_ca_certs|ssl_cert_(?:file|dir)|(?:https?|no|all)_proxy|npm_config_\w+)$/i;
const FAILED = "its program cannot be installed now";

/**
 * Programs as npm has them, each installed once below `root` and used by all cells of its release. Whoever installs beside us
 * does the same: the first to be complete counts.
 */
export function createNpmReleases(options: NpmReleasesOptions): Releases {
	const { root, npm = "npm" } = options;
	const installing = new Map<string, { readonly startedMs: number }>();
	const failedMs = new Map<string, number>();
	const programs = new Map<string, readonly string[]>();

	async function install(release: string): Promise<void> {
		installing.set(release, { startedMs: performance.now() });
		try {
			await installOnce(root, npm, release);
			failedMs.delete(release);
		} catch (error) {
			failedMs.set(release, performance.now());
			options.onTrouble(`${release} could not be installed`, error);
		} finally {
			installing.delete(release);
		}
	}

	async function fetch(release: string): Promise<Release> {
		const { name } = parseRelease(release);
		const found = programs.get(release) ?? (await findProgram(root, release));
		if (found !== undefined) {
			programs.set(release, found);
			return { kind: "there" };
		}
		const running = installing.get(release);
		if (running !== undefined) {
			const seconds = Math.round((performance.now() - running.startedMs) / 1_000);
			return { kind: "coming", why: `${name} is being installed, for ${seconds} s so far` };
		}
		const lastMs = failedMs.get(release) ?? Number.NEGATIVE_INFINITY;
		if (performance.now() - lastMs < PAUSE_MS) return { kind: "failed", why: FAILED };
		void install(release);
		return { kind: "coming", why: `${name} is being installed` };
	}

	return {
		fetch,
		command(release) {
			const program = programs.get(release);
			if (program === undefined) throw new Error(`${release} is not there`);
			return program;
		},
	};
}

/** @throws TypeError for anything but an exact version */
function parseRelease(release: string): { readonly name: string; readonly directory: string } {
	const [, name, version] = FORM.exec(release) ?? [];
	if (name === undefined || version === undefined) throw new TypeError(`no release: ${release.slice(0, 80)}`);
	return { name, directory: `${name}-${version}` };
}

/** Undefined: it is not installed. */
async function findProgram(root: string, release: string): Promise<readonly string[] | undefined> {
	const { name, directory } = parseRelease(release);
	const own = join(root, directory, "node_modules", name);
	try {
		const parsed = packageSchema.parse(JSON.parse(await readFile(join(own, "package.json"), "utf8")));
		const script = typeof parsed.bin === "string" ? parsed.bin : parsed.bin[name];
		if (script === undefined) return undefined;
		const node = join(root, directory, "node");
		await stat(node);
		return [node, join(own, script)];
	} catch {
		return undefined;
	}
}

/** What of an environment npm needs to reach its registry. */
export function pickReach(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	return Object.fromEntries(Object.entries(env).filter(([name]) => REACH.test(name)));
}

async function installOnce(root: string, npm: string, release: string): Promise<void> {
	const { directory } = parseRelease(release);
	await mkdir(root, { recursive: true, mode: 0o711 });
	const draft = await mkdtemp(join(root, ".installing-"));
	try {
		const path = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
		const env = { ...pickReach(process.env), PATH: path };
		const args = ["install", "--prefix", draft, "--no-audit", "--no-fund", "--omit=dev", release];
		await promisify(execFile)(npm, args, { cwd: draft, env, timeout: INSTALL_MS_MAX });
		// Beside it, because agents may not be let through to where ours is.
		await link(process.execPath, join(draft, "node")).catch(
			async () => await copyFile(process.execPath, join(draft, "node")),
		);
		await chmod(draft, 0o755);
		await rename(draft, join(root, directory));
	} catch (error) {
		await rm(draft, { recursive: true, force: true });
		const isThere = (await findProgram(root, release)) !== undefined;
		if (!isThere) throw error;
	}
}
