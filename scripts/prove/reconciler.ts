import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Knex } from "knex";
import type { HistoryOutcome } from "./instances/history.ts";
import type { HistoriesRun } from "./instances/run-histories.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";
import { createProofDatabase } from "./quota/proof-database.ts";
import type { ModuleEdit } from "./testing/module-mutant.ts";
import { requireFitting, toModuleMutant } from "./testing/module-mutant.ts";

const HISTORIES = 300;
const HISTORIES_SHORT = 6;
const PROCESSES = 2;
/** For histories that go on until the time is over. */
const HISTORIES_MAX = 100_000;
const SHOWN_MAX = 3;
const PROGRAM = fileURLToPath(new URL("./instances/run-histories.ts", import.meta.url));
const BAD = ["beside", "older", "overlapping", "touched", "dataLost"] as const;

/** Of the reconciler's source. */
const EDITS: Readonly<Record<string, readonly ModuleEdit[]>> = {
	/** A new cell is made while the one before it is still there. */
	"old-beside-new": [
		{ file: "core/instances/plan.ts", from: "if (old !== undefined)", to: 'if (old?.state === "exited")' },
	],
	/** What has ended is not taken away. */
	"no-removal": [
		{
			file: "core/instances/ending.ts",
			from: 'action: { kind: "remove", cell: cell.name }',
			to: 'action: { kind: "kill", cell: cell.name }',
		},
	],
};

export const mutants: readonly string[] = ["no-lease", ...Object.keys(EDITS)];

/**
 * Instances come to be what is wanted of them, whatever breaks and whoever changes his mind meanwhile; no two cells of one ever
 * run beside each other, nobody else's are touched, and no data goes that was not deleted.
 */
export async function prove(options: ProveOptions): Promise<ProveResult> {
	const { mutant } = options;
	const edits = EDITS[mutant ?? ""] ?? [];
	await requireFitting(edits);
	const { db, url, destroy } = await createProofDatabase();
	try {
		if (mutant === "no-lease") await forgetLeases(db);
		return judge(await runAll(url, options, edits), mutant);
	} finally {
		await destroy();
	}
}

/** Whoever looks at an instance has it for himself only as long as the statement that claims it takes. */
async function forgetLeases(db: Knex): Promise<void> {
	await db.raw(`
		create function forget_lease() returns trigger language plpgsql as
			$$ begin new.lease_until := '-infinity'; return new; end $$`);
	await db.raw(
		"create trigger forget_lease before update on instances for each row execute function forget_lease()",
	);
}

async function runAll(
	url: string,
	{ seed, seconds, isShort }: ProveOptions,
	edits: readonly ModuleEdit[],
): Promise<readonly HistoryOutcome[]> {
	const count = seconds !== undefined ? HISTORIES_MAX : isShort ? HISTORIES_SHORT : HISTORIES;
	const endsAtMs = seconds === undefined ? undefined : Date.now() + seconds * 1_000;
	const firstSeed = seed * HISTORIES_MAX;
	const outcomes = await Promise.all(
		Array.from({ length: PROCESSES }, async (_, process) => {
			const part = { firstSeed: firstSeed + process, step: PROCESSES, lastSeed: firstSeed + count - 1 };
			return await runProcess({ url, ...part, endsAtMs }, edits);
		}),
	);
	return outcomes.flat();
}

async function runProcess(
	run: HistoriesRun,
	edits: readonly ModuleEdit[],
): Promise<readonly HistoryOutcome[]> {
	const { flags, env } = toModuleMutant(edits);
	const { stdout } = await promisify(execFile)(process.execPath, [...flags, PROGRAM, JSON.stringify(run)], {
		env: { ...process.env, ...env },
		maxBuffer: 64 * 1024 * 1024,
	});
	return stdout
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line) as HistoryOutcome);
}

function judge(outcomes: readonly HistoryOutcome[], mutant: string | undefined): ProveResult {
	const sum = (figure: (typeof BAD)[number] | "starts" | "slept" | "looks"): number =>
		outcomes.reduce((total, outcome) => total + outcome[figure], 0);
	const unsettled = outcomes.flatMap((outcome) => outcome.unsettled);
	for (const one of mutant === undefined ? unsettled.slice(0, SHOWN_MAX) : [])
		console.error(`unsettled: ${one}`);
	const isSound = unsettled.length === 0 && BAD.every((figure) => sum(figure) === 0);
	const isRich = Math.min(sum("starts"), sum("slept")) > 0;
	return {
		passed: isSound && isRich,
		isPoor: isSound && !isRich,
		figures: {
			histories: outcomes.length,
			...Object.fromEntries(BAD.map((figure) => [figure, sum(figure)])),
			unsettled: unsettled.length,
			...{ starts: sum("starts"), slept: sum("slept"), looks: sum("looks") },
		},
	};
}
