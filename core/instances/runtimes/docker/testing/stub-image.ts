import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { CellSpec } from "../../../runtime.ts";
import type { Podman } from "./podman.ts";

const APPLETS = [
	...["sh", "httpd", "mv", "mkdir", "rm", "cat", "head", "env", "sleep", "mkfifo", "nc", "id", "ls"],
	...[
		"dd",
		"ps",
		"seq",
		"cp",
		"ln",
		"true",
		"touch",
		"grep",
		"stat",
		"sync",
		"timeout",
		"yes",
		"tr",
		"find",
		"ip",
		"nslookup",
	],
];
const QUESTIONS = ["read", "write", "environment", "end", "shell"];

/** What a cell needs to run the stub. */
export type StubBase = Pick<CellSpec, "release" | "limits" | "environment" | "args" | "mendArgs">;

/** Two megabytes of busybox and two scripts, made on this machine. @returns what a cell of it is like */
export async function loadStub(podman: Podman): Promise<StubBase> {
	const directory = await mkdtemp(join(tmpdir(), "rockpool-stub-"));
	try {
		await layOut(join(directory, "root"));
		const archive = join(directory, "stub.tar");
		await promisify(execFile)("tar", [
			"-cf",
			archive,
			"--owner=0",
			"--group=0",
			"-C",
			join(directory, "root"),
			".",
		]);
		const printed = await podman.run("import", "--change", 'ENTRYPOINT ["/bin/stub"]', archive, "stub:1");
		const id = printed.trim().split("\n").at(-1) ?? "";
		return {
			release: id.startsWith("sha256:") ? id : `sha256:${id}`,
			limits: { cpuMillis: 1_000, memoryBytes: 64 * 1024 * 1024, processesMax: 64 },
			...{ environment: { STUB_CANARY: "given" }, args: ["{port}", "{home}"], mendArgs: ["mend"] },
		};
	} finally {
		await rm(directory, { recursive: true, force: true });
	}
}

async function layOut(root: string): Promise<void> {
	const bin = join(root, "bin");
	const pages = join(root, "srv");
	for (const path of [
		bin,
		join(pages, "cgi-bin"),
		join(root, "tmp"),
		join(root, "etc"),
		join(root, "var/tmp"),
	]) {
		await mkdir(path, { recursive: true });
	}
	// As every image has them: Podman gives a scratch directory the rights of what it hides.
	for (const path of ["tmp", "var/tmp"]) await chmod(join(root, path), 0o1777);
	const { stdout } = await promisify(execFile)("/bin/sh", ["-c", "command -v busybox"]);
	await copyFile(stdout.trim(), join(bin, "busybox"));
	await chmod(join(bin, "busybox"), 0o755);
	for (const applet of APPLETS) await symlink("busybox", join(bin, applet));
	await putScript("stub.sh", join(bin, "stub"));
	for (const question of QUESTIONS) await putScript("stub-cgi.sh", join(pages, "cgi-bin", question));
	for (const probe of ["healthz", "startupz", "readyz"]) await writeFile(join(pages, probe), "ok\n");
}

async function putScript(name: string, path: string): Promise<void> {
	await copyFile(fileURLToPath(new URL(name, import.meta.url)), path);
	await chmod(path, 0o755);
}
