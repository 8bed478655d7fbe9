import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { putProgram } from "../../../core/instances/testing/put-program.ts";

const STUB = fileURLToPath(new URL("../../../core/instances/testing/stub-openclaw.mjs", import.meta.url));
export const STUB_VERSION = "2026.9.6";

/** Puts the stub where a node looks for OpenClaw, as if it had installed it. */
export async function plantStub(dataDir: string): Promise<void> {
	// Agents have users of their own, who must get through.
	await chmod(dataDir, 0o711);
	const release = join(dataDir, "instances", "releases", `openclaw-${STUB_VERSION}`);
	const own = join(release, "node_modules", "openclaw");
	await mkdir(own, { recursive: true, mode: 0o755 });
	await copyFile(STUB, join(own, "stub.mjs"));
	await writeFile(join(own, "package.json"), JSON.stringify({ bin: { openclaw: "stub.mjs" } }));
	await putProgram(process.execPath, join(release, "node"));
	for (const path of [join(dataDir, "instances"), join(dataDir, "instances", "releases"), release]) {
		await chmod(path, 0o755);
	}
}
