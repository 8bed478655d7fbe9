import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ClientWorld } from "./client-world.ts";
import { startChild } from "./run-child.ts";
import { READ_FILE } from "./scripted-model.ts";
import type { Turn } from "./turns.ts";
import { findFault } from "./turns.ts";

const TURN_MS = 120_000;

/** As docs/gateway.md tells it, in a home of its own, and without what it would say to its maker. */
export function toClaudeEnvironment(options: {
	readonly origin: string;
	readonly key: string;
	readonly home: string;
}): Readonly<Record<string, string>> {
	return {
		PATH: process.env["PATH"] ?? "",
		HOME: options.home,
		CLAUDE_CONFIG_DIR: join(options.home, ".claude"),
		ANTHROPIC_BASE_URL: options.origin,
		ANTHROPIC_AUTH_TOKEN: options.key,
		DISABLE_TELEMETRY: "1",
		DISABLE_AUTOUPDATER: "1",
		CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
	};
}

/** Claude Code in print mode: words, the same conversation again, another size of model, and a file read by its own tool. */
export async function runClaudeCode(
	installed: string,
	{ origin, model }: ClientWorld,
	{ key, directory, word }: { readonly key: string; readonly directory: string; readonly word: string },
): Promise<readonly Turn[]> {
	const [home, cwd] = [join(directory, "home"), join(directory, "work")];
	await mkdir(home, { recursive: true });
	await mkdir(cwd, { recursive: true });
	const file = join(cwd, "note.txt");
	await writeFile(file, `${word}\n`);
	const command = join(installed, "node_modules", ".bin", "claude");
	const env = toClaudeEnvironment({ origin, key, home });
	const turns: Turn[] = [];
	const ask = async (name: string, args: readonly string[], expected?: string): Promise<void> => {
		const before = model.promptBytes.length;
		const { ended, stdout, said, ms } = await startChild(command, ["-p", ...args], {
			...{ env, cwd, boundMs: TURN_MS },
		}).result;
		const fault = ended === 0 ? findFault(stdout, expected) : `it ended with ${ended}: ${said.slice(-300)}`;
		turns.push({ name, ms, fault, prompts: model.promptBytes.slice(before) });
	};
	await ask("the first words", ["Say hello."]);
	await ask("the same conversation", ["Say hello again.", "--continue"]);
	await ask("the small model", ["Say hello.", "--model", "haiku"]);
	await ask("a tool", [`${READ_FILE} ${file}`], word);
	return turns;
}
