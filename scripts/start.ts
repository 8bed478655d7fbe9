import { fstatSync } from "node:fs";
import { createTerminal } from "../bots/terminal/create-terminal.ts";
import { COMMANDS } from "../core/commands/all-commands.ts";
import { ConfigError } from "../core/config.ts";
import { bootNode } from "./compose/boot-node.ts";
import { toReason } from "./compose/explain.ts";

/** After this long a stop that hangs is cut short. */
const STOP_TIMEOUT_MS = 9_500;

try {
	process.exitCode = await main();
} catch (error) {
	process.stderr.write(`${toWords(error)}\n`);
	process.exitCode = 1;
	// Whatever part of it may still hold on.
	setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
}

async function main(): Promise<number> {
	const leaving = new AbortController();
	const leave = () => {
		leaving.abort();
		// Also when it still boots.
		setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
	};
	process.once("SIGTERM", leave);
	process.once("SIGINT", leave);
	const node = await bootNode(process.env, (config) =>
		isChatWanted()
			? createTerminal({
					input: process.stdin,
					output: process.stdout,
					isTty: process.stdin.isTTY && process.stdout.isTTY,
					language: config.languageDefault,
					dataDir: config.dataDir,
					env: process.env,
					commands: COMMANDS.map(({ name }) => name),
				})
			: undefined,
	);
	try {
		if (node.terminal !== undefined) return await node.terminal.run(node.app.core, leaving.signal);
		await new Promise<void>((resolve) => {
			if (leaving.signal.aborted) resolve();
			leaving.signal.addEventListener("abort", () => resolve(), { once: true });
		});
		return 0;
	} finally {
		setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
		await node.stop();
	}
}

/** Whoever has no keyboard and pipes nothing in (a service, a container) gets no chat, only the listener. */
function isChatWanted(): boolean {
	if (process.stdin.isTTY) return true;
	const input = fstatSync(0);
	return input.isFIFO() || input.isFile() || input.isSocket();
}

/** What an operator can act on; the whole error is in the log. */
function toWords(error: unknown): string {
	if (error instanceof ConfigError) return error.message;
	return `Rockpool did not start: ${toReason(error)}`;
}
