import type { Desk } from "./desk.ts";
import type { InputRow } from "./input-row.ts";

export type RowFailure = { readonly row: number; readonly name: string; readonly why: string };

const ROW_MS_MAX = 45_000;
const WHY_LENGTH_MAX = 600;

/** One after the other, the slow ones beside them. */
export async function runRows(desk: Desk, rows: readonly InputRow[]): Promise<readonly RowFailure[]> {
	const failures: RowFailure[] = [];
	const run = async (row: InputRow): Promise<void> => {
		const why = await tryRow(desk, row);
		if (why !== undefined) failures.push({ row: row.row, name: row.name, why });
	};
	const slow = rows.filter(({ isSlow }) => isSlow === true).map(run);
	for (const row of rows) if (row.isSlow !== true) await run(row);
	await Promise.all(slow);
	return failures;
}

/** Undefined when it came out as it must. */
async function tryRow(desk: Desk, { check }: InputRow): Promise<string | undefined> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`no result within ${ROW_MS_MAX} ms`)), ROW_MS_MAX);
	});
	try {
		await Promise.race([check(desk), late]);
		return desk.world.node().isAlive() ? undefined : "the node died";
	} catch (error) {
		return (error instanceof Error ? error.message : String(error)).slice(0, WHY_LENGTH_MAX);
	} finally {
		clearTimeout(timer);
	}
}
