import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Dialect } from "../../core/dialects/types.ts";
import { runClaudeCode } from "./clients/claude-code.ts";
import { startClientWorld } from "./clients/client-world.ts";
import { findInFiles } from "./clients/find-in-files.ts";
import type { Installed } from "./clients/install-package.ts";
import { installPackage } from "./clients/install-package.ts";
import { runOpenClaw } from "./clients/openclaw.ts";
import { toFaults, toFigures } from "./clients/turns.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";

/** The versions docs/gateway.md speaks of. */
const CLAUDE_CODE = { name: "@anthropic-ai/claude-code", version: "2.1.329" } as const;
const OPENCLAW = { name: "openclaw", version: "2026.9.6" } as const;
const INSTALL_MS = 300_000;
const DIALECTS: readonly Dialect[] = ["openai", "anthropic"];

type Ready = Installed & { readonly kind: "installed" };
type Clients = { readonly claude: Ready; readonly openclaw: Ready };

/**
 * The programs people point at the gateway, as their makers publish them, over a provider of either dialect: Claude Code and
 * OpenClaw answer, whole and streamed, use their own tools, and are charged once a call. Needs the package registry.
 */
export async function prove(_: ProveOptions): Promise<ProveResult> {
	const directory = await mkdtemp(join(tmpdir(), "rockpool-clients-"));
	try {
		const claude = await install(CLAUDE_CODE, join(directory, "claude-code"));
		const openclaw = await install(OPENCLAW, join(directory, "openclaw"));
		if (claude.kind !== "installed" || openclaw.kind !== "installed") {
			const why = [claude, openclaw].flatMap((one) => (one.kind === "installed" ? [] : [one]));
			return { passed: false, figures: { verdict: "nothing was shown: a client is missing", why } };
		}
		const runs = [];
		for (const dialect of DIALECTS) runs.push(await runOver(dialect, { claude, openclaw }, directory));
		const faults = runs.flatMap((run) => run.faults);
		return {
			passed: faults.length === 0,
			figures: {
				claudeCode: { version: claude.version, installSeconds: claude.seconds },
				openclaw: { version: openclaw.version, installSeconds: openclaw.seconds },
				over: Object.fromEntries(runs.map(({ dialect, figures }) => [dialect, figures])),
				faults,
			},
		};
	} finally {
		await rm(directory, { recursive: true, force: true, maxRetries: 5 });
	}
}

async function install(what: typeof CLAUDE_CODE | typeof OPENCLAW, directory: string): Promise<Installed> {
	console.error(`installing ${what.name}@${what.version}`);
	return await installPackage(what, { directory, boundMs: INSTALL_MS });
}

async function runOver(dialect: Dialect, { claude, openclaw }: Clients, scratch: string) {
	console.error(`over a provider of the dialect ${dialect}`);
	// What the gateway keeps and what the clients keep are apart: the vendor's key is looked for in the latter.
	const [data, homes] = [join(scratch, `data-${dialect}`), join(scratch, `homes-${dialect}`)];
	await mkdir(data, { recursive: true });
	const world = await startClientWorld(dialect, data);
	try {
		const [coder, crab] = [await world.addCustomer(), await world.addCustomer()];
		const word = (): string => `pebble-${randomBytes(6).toString("hex")}`;
		const coded = await runClaudeCode(claude.directory, world, {
			...{ key: coder.key, directory: join(homes, "claude-code"), word: word() },
		});
		const clawed = await runOpenClaw(openclaw.directory, world, {
			...{ key: crab.key, directory: join(homes, "openclaw"), word: word() },
		});
		const { faults, calls, tokens } = await world.audit([coder, crab]);
		const leaks = await findInFiles(homes, world.vendorKey);
		return {
			dialect,
			faults: [
				...toFaults(`Claude Code over ${dialect}`, coded),
				...toFaults(`OpenClaw over ${dialect}`, clawed.turns),
				...faults.map((fault) => `books over ${dialect}: ${fault}`),
				...leaks.map((file) => `the vendor's key is in ${file}`),
			],
			figures: {
				claudeCode: toFigures(coded),
				openclaw: { startMs: clawed.startMs, ...toFigures(clawed.turns) },
				...{ calls, tokensCharged: tokens },
			},
		};
	} finally {
		await world.stop();
	}
}
