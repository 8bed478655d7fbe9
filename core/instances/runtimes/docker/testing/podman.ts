import type { ChildProcess } from "node:child_process";
import { execFile, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { eventually } from "../../../../testing/eventually.ts";

/** A Podman of the test's own: its images, containers and networks are nobody else's. */
export type Podman = {
	readonly socketPath: string;
	/** Where its networks are cut from, which no other test's are likely to be. */
	readonly subnets: string;
	/** Its own command line. @returns what it prints */
	run(...args: readonly string[]): Promise<string>;
	/** The service of its API, not its containers: SIGKILL, SIGSTOP, SIGCONT, and up again. */
	kill(): Promise<void>;
	freeze(): Promise<void>;
	thaw(): void;
	restart(): Promise<void>;
	stop(): Promise<void>;
};

const CLEANINGS_MAX = 10;
const RUNTIMES = ["runc", "crun"];
/** Each a program that must be there, and why. */
const NEEDED = [
	["podman", "it is what is tested"],
	["conmon", "podman's own"],
	["catatonit", "the first process of each container"],
	["busybox", "what the stub is made of (the static one)"],
	...(["netavark", "aardvark-dns", "iptables"] as const).map((name) => [name, "its networks"] as const),
] as const;

/** Why this machine runs no containers; undefined: it does. Says so loudly where it does not, since tests are left out then. */
export function whyNoPodman(): string | undefined {
	const why = findWhy();
	if (why !== undefined)
		console.warn(`NO CONTAINERS ON THIS MACHINE (${why}): the tests of that runtime are SKIPPED`);
	return why;
}

/** Everything it needs is installed; whether the kernel lets it run is not asked. */
export function isPodmanThere(): boolean {
	return findMissing() === undefined;
}

function findMissing(): string | undefined {
	if (process.platform !== "linux") return "not Linux";
	if (process.getuid?.() !== 0) return "not root";
	for (const [program, why] of NEEDED) if (!hasProgram(program)) return `no ${program}: ${why}`;
	return RUNTIMES.some(hasProgram) ? undefined : `neither ${RUNTIMES.join(" nor ")}`;
}

function findWhy(): string | undefined {
	const missing = findMissing();
	if (missing !== undefined) return missing;
	// Whether the kernel lets it is seen by trying.
	const root = mkdtempSync(join(tmpdir(), "rockpool-podman-"));
	const setup = toSetup(root);
	const tried = spawnSync("/bin/sh", ["-c", TRY, "try", ...setup.flags], {
		env: setup.env,
		encoding: "utf8",
	});
	clean(root);
	return tried.status === 0 ? undefined : (tried.stderr.trim().split("\n").at(-1) ?? "it does not run");
}

/** A container of nothing but busybox runs once, with a limit on its memory. */
const TRY = `
cd "$(mktemp -d)" && mkdir bin && cp "$(command -v busybox)" bin/ &&
tar -c bin | podman "$@" import - try >/dev/null 2>&1 ; rm -r bin
exec podman "$@" run --rm --network none --memory 64m --pids-limit 16 try /bin/busybox true
`;

function hasProgram(name: string): boolean {
	const places = [
		...(process.env["PATH"] ?? "").split(":"),
		"/usr/sbin",
		"/usr/lib/podman",
		"/usr/libexec/podman",
	];
	return places.some((place) => existsSync(join(place, name)));
}

/** All of its threads: until then one of them may still answer. */
function isStopped(pid: number): boolean {
	const tasks = readdirSync(`/proc/${pid}/task`);
	return tasks.every((task) => {
		const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, "utf8");
		return stat.slice(stat.lastIndexOf(")") + 2).startsWith("T");
	});
}

export async function startPodman(): Promise<Podman> {
	const root = mkdtempSync(join(tmpdir(), "rockpool-podman-"));
	const { flags, env } = toSetup(root);
	const socketPath = join(root, "api");
	const run = async (...args: readonly string[]): Promise<string> => {
		const { stdout } = await promisify(execFile)("podman", [...flags, ...args], {
			env,
			maxBuffer: 64 * 1024 * 1024,
		});
		return stdout;
	};
	let service = await serve(
		[...flags, "system", "service", "-t", "0", `unix://${socketPath}`],
		env,
		socketPath,
	);
	return {
		socketPath,
		subnets: `10.${100 + Math.floor(Math.random() * 100)}.0.0/16`,
		run,
		kill: async () => await end(service),
		async freeze() {
			service.kill("SIGSTOP");
			await eventually(() => isStopped(service.pid ?? 0));
		},
		thaw: () => void service.kill("SIGCONT"),
		async restart() {
			await end(service);
			const args = [...flags, "system", "service", "-t", "0", `unix://${socketPath}`];
			service = await serve(args, env, socketPath);
		},
		async stop() {
			service.kill("SIGCONT");
			await end(service);
			await run("rm", "--all", "--force", "--time", "0").catch(() => undefined);
			await run("network", "prune", "--force").catch(() => undefined);
			clean(root);
		},
	};
}

type Setup = { readonly flags: readonly string[]; readonly env: NodeJS.ProcessEnv };

/** Everything of it below one directory. Limits are named, because it would raise them above what it may itself. */
function toSetup(root: string): Setup {
	const runtime = RUNTIMES.find(hasProgram) ?? "runc";
	writeFileSync(
		join(root, "containers.conf"),
		`[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\nruntime = "${runtime}"\n` +
			`[containers]\nlog_driver = "k8s-file"\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n` +
			`[network]\nnetwork_backend = "netavark"\n`,
	);
	const place = (name: string): string => join(root, name);
	return {
		flags: [
			...["--root", place("root"), "--runroot", place("run"), "--tmpdir", place("tmp")],
			...["--network-config-dir", place("networks")],
		],
		env: {
			PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`,
			HOME: root,
			CONTAINERS_CONF: place("containers.conf"),
			...(existsSync(place("registries.conf")) && { CONTAINERS_REGISTRIES_CONF: place("registries.conf") }),
		},
	};
}

async function serve(
	args: readonly string[],
	env: NodeJS.ProcessEnv,
	socketPath: string,
): Promise<ChildProcess> {
	await rm(socketPath, { force: true });
	// Its helper leaves files where it stands.
	const child = spawn("podman", [...args], { env, stdio: "ignore", cwd: dirname(socketPath) });
	await eventually(async () => await answers(socketPath));
	return child;
}

async function answers(socketPath: string): Promise<boolean> {
	return await new Promise((resolve) => {
		const call = request({ socketPath, path: "/_ping", agent: false, timeout: 1_000 });
		call.on("response", (response) => {
			response.resume();
			resolve(response.statusCode === 200);
		});
		call.on("timeout", () => call.destroy());
		call.on("error", () => resolve(false));
		call.end();
	});
}

async function end(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const exited = new Promise((resolve) => child.once("exit", resolve));
	child.kill("SIGKILL");
	await exited;
}

/** Its storage is a mount of its own, which must go before its directory does; what it still cleans up by itself mounts it again. */
function clean(root: string): void {
	for (let tried = 1; ; tried += 1) {
		endHelpers(root);
		spawnSync("umount", ["--lazy", "--quiet", join(root, "root", "overlay")]);
		try {
			rmSync(root, { recursive: true, force: true });
			return;
		} catch (error) {
			if (tried >= CLEANINGS_MAX) throw error;
		}
	}
}

/** Whoever watched over a container, or over what was run in it, some minutes longer than that. */
function endHelpers(root: string): void {
	for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
		try {
			const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
			if (args[0]?.endsWith("conmon") && args.some((arg) => arg.startsWith(`${root}/`)))
				process.kill(Number(pid), "SIGKILL");
		} catch {
			// Gone already.
		}
	}
}
