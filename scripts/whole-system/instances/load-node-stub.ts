import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Podman } from "../../../core/instances/runtimes/docker/testing/podman.ts";

const run = promisify(execFile);
const STUB = fileURLToPath(new URL("../../../core/instances/testing/stub-openclaw.mjs", import.meta.url));
const APPLETS = ["sh", "mv", "mkdir", "rm", "sleep", "cat"];
/** The agent's program in the image. */
export const NODE_STUB_COMMAND = "/usr/bin/node /stub.mjs";

/** An image of Node, the stub and a few programs of busybox, made on this machine. @returns its id */
export async function loadNodeStub(podman: Podman): Promise<string> {
	const directory = await mkdtemp(join(tmpdir(), "rockpool-node-stub-"));
	try {
		const root = join(directory, "root");
		for (const path of ["bin", "usr/bin", "etc", "tmp", "var/tmp"])
			await mkdir(join(root, path), { recursive: true });
		for (const path of ["tmp", "var/tmp"]) await chmod(join(root, path), 0o1777);
		const { stdout: busybox } = await run("/bin/sh", ["-c", "command -v busybox"]);
		await copyFile(busybox.trim(), join(root, "bin/busybox"));
		for (const applet of APPLETS) await symlink("busybox", join(root, "bin", applet));
		await copyFile(process.execPath, join(root, "usr/bin/node"));
		await copyFile(STUB, join(root, "stub.mjs"));
		await chmod(join(root, "stub.mjs"), 0o644);
		for (const library of await listLibraries(process.execPath)) {
			await mkdir(join(root, dirname(library)), { recursive: true });
			await copyFile(library, join(root, library));
		}
		const archive = join(directory, "stub.tar");
		await run("tar", ["-cf", archive, "--owner=0", "--group=0", "-C", root, "."]);
		const printed = await podman.run("import", archive, "node-stub:1");
		const id = printed.trim().split("\n").at(-1) ?? "";
		return id.startsWith("sha256:") ? id : `sha256:${id}`;
	} finally {
		await rm(directory, { recursive: true, force: true });
	}
}

/** Absolute paths of what a program loads at its start. */
async function listLibraries(program: string): Promise<readonly string[]> {
	const { stdout } = await run("ldd", [program]);
	return [...stdout.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
}
