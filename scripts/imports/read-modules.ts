import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { cruise } from "dependency-cruiser";
import extractOptions from "dependency-cruiser/config-utl/extract-depcruise-options";
import type { Module } from "./folder-graph.ts";

export const ROOTS = ["bots", "core", "admin", "migrations", "scripts"] as const;

/** Fewer modules than this means that nearly nothing was read, or that we look in the wrong place. */
const MODULES_MIN = 500;

export type ImportReport = { readonly modules: readonly Module[]; readonly problems: readonly string[] };

/**
 * Reads every import of the project and checks it against .dependency-cruiser.cjs. The checker silently reads nothing when it
 * does not know the installed TypeScript, so every file on disk must be among what it read.
 */
export async function readModules(): Promise<ImportReport> {
	const options = await extractOptions("./.dependency-cruiser.cjs");
	const roots = ROOTS.filter((root) => existsSync(root));
	const { output } = await cruise([...roots, "knexfile.ts"], options);
	if (typeof output === "string") throw new Error("expected a result object");
	const modules = output.modules.map(({ source, dependencies }) => ({
		source,
		imports: dependencies.map(({ resolved }) => resolved),
	}));
	const read = new Set(modules.map(({ source }) => source));
	const unread = (await listFiles()).filter((file) => !read.has(file));
	return {
		modules,
		problems: [
			...output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
			...unread.map((file) => `not read: ${file}`),
			...(modules.length < MODULES_MIN
				? [`only ${modules.length} modules were read, expected ${MODULES_MIN}`]
				: []),
		],
	};
}

/** Every TypeScript file of ours, as paths from the root of the project. */
export async function listFiles(): Promise<readonly string[]> {
	const lists = await Promise.all(
		ROOTS.map(async (root) => {
			const names = await readdir(root, { recursive: true }).catch(() => []);
			return names.filter((name) => name.endsWith(".ts")).map((name) => `${root}/${name}`);
		}),
	);
	return lists.flat();
}
