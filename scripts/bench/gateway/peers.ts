import type { ChildProcess } from "node:child_process";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { cleanEnvironment } from "../../../core/config/clean-environment.ts";
import { SECRET_NAMES } from "../../../core/config/env-schema.ts";

/** Somebody else's gateway, running. */
export type Peer = { readonly port: number; readonly pid: number; stop(): Promise<void> };

/** Where they are installed; undefined for one there is no package of. */
export type InstalledPeers = { readonly directory: string; readonly has: ReadonlySet<PeerName> };
export type PeerName = keyof typeof PACKAGES;

/**
 * Versions that were looked at. The router's later ones need a package no registry has. Newer servers of Hono answer
 * Portkey's streams with 500.
 */
const PACKAGES = {
	portkey: "@portkey-ai/gateway@1.15.2",
	router: "@musistudio/claude-code-router@2.0.0",
} as const;
const OVERRIDES = { "@hono/node-server": "1.14.1" };
const INSTALL_MS_MAX = 180_000;
const READY_MS_MAX = 20_000;
const STOP_MS = 5_000;

const run = promisify(execFile);

/** Installs them beside the project, never into it; what cannot be had is told loudly and left out. Later runs find them there. */
export async function installPeers(): Promise<InstalledPeers> {
	const directory = join(tmpdir(), "rockpool-bench-peers");
	await mkdir(directory, { recursive: true });
	const has = new Set<PeerName>();
	for (const [name, spec] of Object.entries(PACKAGES) as [PeerName, string][]) {
		try {
			await ensureInstalled(directory, spec);
			has.add(name);
		} catch (error) {
			console.error(`LEFT OUT: ${spec} could not be installed: ${String(error).slice(0, 300)}`);
		}
	}
	return { directory, has };
}

async function ensureInstalled(directory: string, spec: string): Promise<void> {
	const at = spec.lastIndexOf("@");
	const file = join(directory, "node_modules", spec.slice(0, at), "package.json");
	const found = await readFile(file, "utf8").catch(() => "{}");
	if ((JSON.parse(found) as { version?: string }).version === spec.slice(at + 1)) return;
	const manifest = join(directory, "package.json");
	const known = await readFile(manifest, "utf8").catch(() => '{"name":"peers","private":true}');
	await writeFile(manifest, JSON.stringify({ ...(JSON.parse(known) as object), overrides: OVERRIDES }));
	await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", spec], {
		cwd: directory,
		timeout: INSTALL_MS_MAX,
		env: cleanEnvironment(process.env, SECRET_NAMES),
	});
}

/** Portkey's gateway as its package starts it. */
export async function startPortkey(directory: string, core: number | undefined): Promise<Peer> {
	const port = await findFreePort();
	const program = join(directory, "node_modules/@portkey-ai/gateway/build/start-server.js");
	return await startPeer([program, `--port=${port}`, "--headless"], { port, core, env: {} });
}

/** claude-code-router as its command starts it, with one OpenAI-compatible vendor. */
export async function startRouter(
	{ directory, origin }: { readonly directory: string; readonly origin: string },
	core: number | undefined,
): Promise<Peer> {
	const port = await findFreePort();
	const home = join(directory, `home-${port}`);
	await mkdir(join(home, ".claude-code-router"), { recursive: true });
	const config = {
		...{ HOST: "127.0.0.1", PORT: port, LOG: false, NON_INTERACTIVE_MODE: true, API_TIMEOUT_MS: 600_000 },
		Providers: [
			{
				name: "bench",
				api_base_url: `${origin}/v1/chat/completions`,
				api_key: "none",
				models: ["bench-model"],
			},
		],
		Router: { default: "bench,bench-model" },
	};
	await writeFile(join(home, ".claude-code-router/config.json"), JSON.stringify(config));
	const program = join(directory, "node_modules/@musistudio/claude-code-router/dist/cli.js");
	return await startPeer([program, "start"], { port, core, env: { HOME: home } });
}

async function startPeer(
	words: readonly string[],
	{ port, core, env }: { readonly port: number; readonly core: number | undefined; readonly env: object },
): Promise<Peer> {
	const command = [process.execPath, ...words];
	const pinned = core === undefined ? command : ["taskset", "-c", String(core), ...command];
	const child = spawn(pinned[0] ?? "", pinned.slice(1), {
		stdio: "ignore",
		env: { ...cleanEnvironment(process.env, SECRET_NAMES), NODE_ENV: "production", ...env },
	});
	const stop = async (): Promise<void> => await end(child);
	try {
		await untilItListens(port, child);
	} catch (error) {
		await stop();
		throw error;
	}
	return { port, pid: child.pid ?? 0, stop };
}

async function end(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const exited = once(child, "exit");
	child.kill();
	const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
	await exited;
	clearTimeout(timer);
}

async function untilItListens(port: number, child: ChildProcess): Promise<void> {
	const deadline = performance.now() + READY_MS_MAX;
	while (performance.now() < deadline && child.exitCode === null) {
		const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
		if (answer !== undefined) return;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	throw new Error(`a peer does not listen at ${port}`);
}

async function findFreePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	await new Promise((resolve) => server.close(resolve));
	return typeof address === "object" && address !== null ? address.port : 0;
}
