import { inlineRuns } from "./inline-runs.ts";
import type { PhrasingContent, Table } from "./mdast.ts";

const COLUMN_WIDTH_MAX = 40;
const WIDE =
	/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\p{Extended_Pictographic}]/u;
const NO_WIDTH = /[\p{M}\p{Cf}]/u;

/** A table drawn with letters of one width; cells keep their whole text, wide columns are just not padded. */
export function tableText(table: Table): string {
	const rows = table.children.map((row) => row.children.map((cell) => cellText(cell.children)));
	const columns = Math.max(...rows.map((row) => row.length), 0);
	const widths = Array.from({ length: columns }, (_, at) =>
		Math.min(Math.max(...rows.map((row) => widthOf(row[at] ?? "")), 1), COLUMN_WIDTH_MAX),
	);
	const lines = rows.map((row) =>
		widths
			.map((width, at) => aligned(row[at] ?? "", width, table.align?.[at]))
			.join(" │ ")
			.trimEnd(),
	);
	lines.splice(1, 0, widths.map((width) => "─".repeat(width)).join("─┼─"));
	return lines.join("\n");
}

function cellText(children: readonly PhrasingContent[]): string {
	const runs = inlineRuns(children, { marks: [], pad: "", definitions: new Map() });
	return runs
		.map(({ text }) => text)
		.join("")
		.replace(/\s+/g, " ")
		.trim();
}

function aligned(text: string, width: number, align: string | null | undefined): string {
	const missing = Math.max(width - widthOf(text), 0);
	if (align === "right") return " ".repeat(missing) + text;
	if (align !== "center") return text + " ".repeat(missing);
	const before = Math.floor(missing / 2);
	return " ".repeat(before) + text + " ".repeat(missing - before);
}

/** Columns a text takes: two for East Asian letters and emoji, none for marks. */
function widthOf(text: string): number {
	let width = 0;
	for (const char of text) {
		if (NO_WIDTH.test(char)) continue;
		width += WIDE.test(char) ? 2 : 1;
	}
	return width;
}
