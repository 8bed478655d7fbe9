/** A file and the files of ours it imports, as paths from the root of the project. */
export type Module = { readonly source: string; readonly imports: readonly string[] };

/** What each folder imports of the others, both sorted. */
export type FolderGraph = ReadonlyMap<string, readonly string[]>;

const BEGIN = "<!-- graph:begin -->";
const END = "<!-- graph:end -->";
const OURS = /^(bots|core|admin|migrations|scripts)\//;
const HELPER = /(\.test\.ts$|\/testing\/)/;

/** `core/pipeline/stages/x.ts` -> `core/pipeline`; `core/core.ts` -> `core`; all of scripts/ is one folder. */
export function toFolder(file: string): string {
	const [top = "", second = "", third] = file.split("/");
	return third === undefined || top === "scripts" || top === "migrations" ? top : `${top}/${second}`;
}

/** Tests and their helpers left out. A folder that imports no other is in it too, with nothing behind it. */
export function toFolderGraph(modules: readonly Module[]): FolderGraph {
	const graph = new Map<string, Set<string>>();
	for (const { source, imports } of modules) {
		if (!OURS.test(source) || HELPER.test(source)) continue;
		const from = toFolder(source);
		const edges = graph.get(from) ?? new Set<string>();
		graph.set(from, edges);
		for (const target of imports) {
			if (OURS.test(target) && !HELPER.test(target) && toFolder(target) !== from) edges.add(toFolder(target));
		}
	}
	const sorted = [...graph].sort(([a], [b]) => compare(a, b));
	return new Map(sorted.map(([from, edges]) => [from, [...edges].sort(compare)]));
}

/** The picture as it stands in ARCHITECTURE.md: one line a folder. */
export function renderGraph(graph: FolderGraph): string {
	const lines = [...graph].map(([from, edges]) => `${from} -> ${edges.join(", ")}`.trimEnd());
	return [BEGIN, "```text", ...lines, "```", END].join("\n");
}

/** Every way in which the picture and the imports differ, in words. Empty when it is true. */
export function compareGraph(markdown: string, graph: FolderGraph): readonly string[] {
	const drawn = readGraph(markdown);
	if (drawn === undefined) return [`there is no picture between ${BEGIN} and ${END}`];
	const folders = [...new Set([...drawn.keys(), ...graph.keys()])];
	return folders.flatMap((folder) => compareFolder(folder, drawn.get(folder), graph.get(folder)));
}

function compareFolder(
	folder: string,
	shown: readonly string[] | undefined,
	real: readonly string[] | undefined,
): readonly string[] {
	if (shown === undefined) return [`${folder} is not in the picture`];
	if (real === undefined) return [`${folder} is in the picture, but there is no such folder`];
	return [
		...real.filter((to) => !shown.includes(to)).map((to) => `${folder} -> ${to} is not in the picture`),
		...shown.filter((to) => !real.includes(to)).map((to) => `${folder} -> ${to} is in the picture only`),
	];
}

/** The document with its picture replaced, or with one at its end. */
export function replaceGraph(markdown: string, graph: FolderGraph): string {
	const [from, to] = [markdown.indexOf(BEGIN), markdown.indexOf(END)];
	if (from < 0 || to < from) return `${markdown.trimEnd()}\n\n${renderGraph(graph)}\n`;
	return markdown.slice(0, from) + renderGraph(graph) + markdown.slice(to + END.length);
}

function readGraph(markdown: string): FolderGraph | undefined {
	const [from, to] = [markdown.indexOf(BEGIN), markdown.indexOf(END)];
	if (from < 0 || to < from) return undefined;
	const rows = [...markdown.slice(from, to).matchAll(/^(\S+) ->(.*)$/gm)];
	return new Map(
		rows.map(([, folder = "", edges = ""]) => [
			folder,
			edges
				.split(",")
				.map((edge) => edge.trim())
				.filter(Boolean),
		]),
	);
}

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
