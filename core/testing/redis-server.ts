import type { ChildProcess } from "node:child_process";
import { spawn, spawnSync } from "node:child_process";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { Redis } from "ioredis";
import { cleanEnvironment } from "../config/clean-environment.ts";
import { eventually } from "./eventually.ts";

/** A Redis of the test's own, to be killed and started again at will. */
export type RedisServer = {
	readonly url: string;
	/** SIGKILL: nothing is said to the clients. */
	kill(): Promise<void>;
	/** SIGSTOP: it holds its connections and says nothing. */
	freeze(): void;
	thaw(): void;
	/** The same port again, with an empty memory. */
	restart(): Promise<void>;
	stop(): Promise<void>;
};

/** True when this machine can run one. Says so loudly when it cannot, since tests are left out then. */
export function hasRedisServer(): boolean {
	const found = spawnSync("redis-server", ["--version"]).status === 0;
	if (!found) console.warn("NO redis-server ON THIS MACHINE: the tests of shared limits are SKIPPED");
	return found;
}

/** password: what its clients must say first. */
export async function startRedisServer({
	password,
}: {
	readonly password?: string;
} = {}): Promise<RedisServer> {
	const port = await findFreePort();
	let child = await run(port, password);
	return {
		url: `redis://${password === undefined ? "" : `:${password}@`}127.0.0.1:${port}`,
		kill: async () => await end(child, "SIGKILL"),
		freeze: () => void child.kill("SIGSTOP"),
		thaw: () => void child.kill("SIGCONT"),
		async restart() {
			await end(child, "SIGKILL");
			child = await run(port, password);
		},
		stop: async () => await end(child, "SIGKILL"),
	};
}

async function run(port: number, password: string | undefined): Promise<ChildProcess> {
	const settings = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
	if (password !== undefined) settings.push("--requirepass", password);
	const child = spawn("redis-server", settings, { stdio: "ignore", env: cleanEnvironment(process.env) });
	const probe = new Redis(port, "127.0.0.1", {
		lazyConnect: true,
		retryStrategy: () => 20,
		...(password !== undefined && { password }),
	});
	probe.on("error", () => undefined);
	try {
		void probe.connect().catch(() => undefined);
		await eventually(() => probe.status === "ready");
	} finally {
		probe.disconnect();
	}
	return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const exited = new Promise((resolve) => child.once("exit", resolve));
	child.kill(signal);
	await exited;
}

async function findFreePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}
