import type { InlineContext } from "./inline-runs.ts";
import { inlineRuns } from "./inline-runs.ts";
import type { Definition, List, ListItem, Root, RootContent } from "./mdast.ts";
import type { Run } from "./run.ts";
import { preMark, simpleMark, withMark } from "./run.ts";
import { tableText } from "./table-text.ts";

type BlockContext = InlineContext & { readonly listDepth: number };

const BULLETS = ["•", "◦", "▪"] as const;

/** The runs of a parsed document; blocks stand apart by an empty line, items of a list by a line. */
export function blockRuns(root: Root): Run[] {
	const definitions = new Map<string, Definition>();
	for (const node of root.children) {
		if (node.type === "definition" && !definitions.has(node.identifier))
			definitions.set(node.identifier, node);
	}
	return blocks(root.children, { marks: [], pad: "", definitions, listDepth: 0 }, "\n\n");
}

function blocks(nodes: readonly RootContent[], context: BlockContext, gap: string): Run[] {
	const runs: Run[] = [];
	for (const node of nodes) {
		const own = runsOf(node, context);
		if (own.length === 0) continue;
		if (runs.length > 0) runs.push({ text: gap + context.pad, marks: context.marks });
		runs.push(...own);
	}
	return runs;
}

function runsOf(node: RootContent, context: BlockContext): Run[] {
	switch (node.type) {
		case "paragraph":
			return inlineRuns(node.children, context);
		case "heading":
			return inlineRuns(node.children, { ...context, marks: withMark(context.marks, simpleMark("bold")) });
		case "blockquote": {
			const marks = withMark(context.marks, simpleMark("quote"));
			return blocks(node.children, { ...context, marks }, "\n");
		}
		case "list":
			return listRuns(node, context);
		case "code":
			return [{ text: node.value, marks: withMark(context.marks, preMark(node.lang)) }];
		case "table":
			return [{ text: tableText(node), marks: withMark(context.marks, preMark(undefined)) }];
		case "thematicBreak":
			return [{ text: "———", marks: context.marks }];
		case "html":
			return [{ text: node.value, marks: context.marks }];
		case "footnoteDefinition": {
			const label = { text: `[${node.label ?? node.identifier}] `, marks: context.marks };
			return [label, ...blocks(node.children, context, "\n")];
		}
		default:
			return [];
	}
}

function listRuns(list: List, context: BlockContext): Run[] {
	const first = list.start ?? 1;
	const bullet = BULLETS[Math.min(context.listDepth, BULLETS.length - 1)] ?? "•";
	return list.children.flatMap((item, at) => {
		const label = list.ordered === true ? `${first + at}.` : bullet;
		const start = at === 0 ? "" : `\n${context.pad}`;
		return [
			{ text: `${start}${label} ${checkbox(item)}`, marks: context.marks },
			...blocks(
				item.children,
				{ ...context, pad: `${context.pad}   `, listDepth: context.listDepth + 1 },
				"\n",
			),
		];
	});
}

function checkbox(item: ListItem): string {
	if (item.checked === true) return "☑ ";
	return item.checked === false ? "☐ " : "";
}
