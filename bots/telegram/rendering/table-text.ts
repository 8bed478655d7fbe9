import { inlineRuns } from "./inline-runs.ts";
import type { PhrasingContent, Table } from "./mdast.ts";

const COLUMN_WIDTH_MAX = 40;
/** A small table is always drawn in columns; a larger one only while that does not blow it up: one wide cell must not pad thousands. */
const PADDED_LENGTH_FREE = 4096;
const PADDED_GROWTH_MAX = 3;
const WIDE =
	/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\p{Extended_Pictographic}]/u;
const NO_WIDTH = /[\p{M}\p{Cf}]/u;

/** A table drawn with letters of one width; cells keep their whole text, wide columns are just not padded. */
export function tableText(table: Table): string {
	const rows = table.children.map((row) => row.children.map((cell) => cellText(cell.children)));
	const widths = columnWidths(rows);
	const isSmall = isWorthPadding(rows, widths);
	const lines = rows.map((row) => {
		// Columns a row has not got are only drawn where they cost little.
		const cells = isSmall ? widths.map((_, at) => row[at] ?? "") : row;
		return cells
			.map((cell, at) => aligned(cell, isSmall ? (widths[at] ?? 0) : 0, table.align?.[at]))
			.join(" │ ")
			.trimEnd();
	});
	lines.splice(1, 0, widths.map((width) => "─".repeat(isSmall ? width : 1)).join("─┼─"));
	return lines.join("\n");
}

function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
	const widths: number[] = [];
	for (const row of rows) {
		for (const [at, cell] of row.entries()) {
			widths[at] = Math.min(Math.max(widths[at] ?? 1, widthOf(cell)), COLUMN_WIDTH_MAX);
		}
	}
	return widths;
}

function isWorthPadding(rows: readonly (readonly string[])[], widths: readonly number[]): boolean {
	const padded = rows.length * widths.reduce((sum, width) => sum + width + 3, 0);
	if (padded <= PADDED_LENGTH_FREE) return true;
	const own = rows.reduce((sum, row) => row.reduce((total, cell) => total + cell.length + 3, sum), 0);
	return padded <= PADDED_GROWTH_MAX * own;
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
