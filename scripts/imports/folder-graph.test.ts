import { expect, test } from "@jest/globals";
import { compareGraph, renderGraph, replaceGraph, toFolderGraph } from "./folder-graph.ts";

const graph = toFolderGraph([
	{
		source: "core/pipeline/stages/who.ts",
		imports: ["core/db/users.ts", "core/pipeline/message.ts", "node_modules/zod/index.js"],
	},
	{ source: "core/db/users.ts", imports: [] },
	{ source: "core/db/users.test.ts", imports: ["bots/http/create-app.ts"] },
	{ source: "core/core.ts", imports: ["core/pipeline/message.ts"] },
	{ source: "bots/http/create-app.ts", imports: ["core/core.ts"] },
	{ source: "bots/http/testing/world.ts", imports: ["core/db/users.ts"] },
	{ source: "scripts/bench/x.ts", imports: ["bots/http/create-app.ts", "core/testing/db.ts"] },
]);
const block = renderGraph(graph);

test("files become folders; tests and helpers do not count", () => {
	expect(block.split("\n").slice(2, -2)).toEqual([
		"bots/http -> core",
		"core -> core/pipeline",
		"core/db ->",
		"core/pipeline -> core/db",
		"scripts -> bots/http",
	]);
});

test("a true picture has no problem, wherever it stands", () => {
	expect(compareGraph(`# Title\n\n${block}\n\nmore`, graph)).toEqual([]);
});

test("a picture that lacks something or shows too much is refused, each difference by name", () => {
	expect(compareGraph(block.replace("core -> core/pipeline\n", ""), graph)).toEqual([
		"core is not in the picture",
	]);
	expect(compareGraph(block.replace("bots/http -> core", "bots/http ->"), graph)).toEqual([
		"bots/http -> core is not in the picture",
	]);
	expect(compareGraph(block.replace("core/db ->", "core/db -> bots/http"), graph)).toEqual([
		"core/db -> bots/http is in the picture only",
	]);
	expect(compareGraph(block.replace("core/db ->", "core/db ->\ncore/old ->"), graph)).toEqual([
		"core/old is in the picture, but there is no such folder",
	]);
	expect(compareGraph("# Title", graph)).toHaveLength(1);
});

test("writing the picture keeps the words around it", () => {
	const stale = "# Title\n\n<!-- graph:begin -->\nold\n<!-- graph:end -->\n\nmore\n";
	expect(replaceGraph(stale, graph)).toBe(`# Title\n\n${block}\n\nmore\n`);
	expect(replaceGraph("# Title\n", graph)).toBe(`# Title\n\n${block}\n`);
});
