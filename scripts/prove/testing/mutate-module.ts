import { registerHooks } from "node:module";

/**
 * Preloaded into a node under test (--import): replaces text of its modules as they are loaded, so that a mutant breaks the
 * program from outside. PROVE_MUTATE names the edits.
 */
type Edit = { readonly file: string; readonly from: string; readonly to: string };

const edits = JSON.parse(process.env["PROVE_MUTATE"] ?? "[]") as readonly Edit[];

registerHooks({
	load(url, context, nextLoad) {
		const loaded = nextLoad(url, context);
		const mine = edits.filter(({ file }) => url.endsWith(`/${file}`));
		if (mine.length === 0 || loaded.source == null) return loaded;
		return { ...loaded, source: mine.reduce(edit, Buffer.from(loaded.source as Uint8Array).toString()) };
	},
});

function edit(source: string, { file, from, to }: Edit): string {
	if (!source.includes(from)) throw new Error(`${file} has no ${from}: the mutant is out of date`);
	return source.replace(from, () => to);
}
