import { ACCOUNT_ROWS, STAFF_ID } from "./edge/account-rows.ts";
import { BOOT_ROWS } from "./edge/boot-rows.ts";
import { CHAT_ROWS } from "./edge/chat-rows.ts";
import { runDatabaseFault } from "./edge/database-fault.ts";
import type { Desk } from "./edge/desk.ts";
import { createDesk } from "./edge/desk.ts";
import type { EdgeWorld } from "./edge/edge-world.ts";
import { startEdgeWorld } from "./edge/edge-world.ts";
import { createFuzz } from "./edge/fuzz.ts";
import type { HealthReport } from "./edge/health-report.ts";
import { readHealth } from "./edge/health-report.ts";
import type { HostileVendors } from "./edge/hostile-vendors.ts";
import { addHostileVendors } from "./edge/hostile-vendors.ts";
import type { InputRow } from "./edge/input-row.ts";
import { ROWS_ELSEWHERE, ROWS_ON_PAGE } from "./edge/input-row.ts";
import { MESSAGE_ROWS } from "./edge/message-rows.ts";
import { runRows } from "./edge/run-rows.ts";
import { runAbuse, SOCKET_ABUSE } from "./edge/socket-abuse.ts";
import { TEXT_ROWS } from "./edge/text-rows.ts";
import { toVendorRows } from "./edge/vendor-rows.ts";
import { WEBHOOK_ROWS } from "./edge/webhook-rows.ts";
import type { ProveOptions, ProveResult } from "./prove-options.ts";
import type { ModuleEdit } from "./testing/module-mutant.ts";

const SECONDS = 60;
const LONG = { updates: 4_000, chats: 2_000 };
const SHORT = { updates: 200, chats: 100 };
/** Before memory is compared: caches fill, code is compiled, pools grow. */
const WARM_UP = { updates: 1_500, chats: 600 };
const GROWTH_MAX = 0.1;
/** What a database that is away, a reused id and the alert about it say on purpose. */
const ERRORS_EXPECTED = [/event id seen with another body/];
const ERRORS_OF_FAULT = [/updates are not stored/, /claims fail/, /a request failed/];

const HANDLER = "bots/telegram/ingress/webhook-handler.ts";
/** Edges of the node under test that are left open. */
const EDITS: Readonly<Record<string, readonly ModuleEdit[]>> = {
	"no-body-cap": [
		{ file: HANDLER, from: "const BODY_BYTES_MAX = 1024 * 1024;", to: "const BODY_BYTES_MAX = Infinity;" },
	],
	"no-depth-cap": [{ file: HANDLER, from: "const DEPTH_MAX = 100;", to: "const DEPTH_MAX = Infinity;" }],
	"broken-json-is-our-fault": [
		{
			file: HANDLER,
			from: "} catch {\n\t\treturn undefined;",
			to: '} catch {\n\t\tthrow new Error("no JSON");',
		},
	],
	"any-secret": [
		{
			file: HANDLER,
			from: "if (!isSecretOf(hook.digests, headers[SECRET_HEADER])) return { status: 401 };",
			to: "",
		},
	],
};

export const mutants: readonly string[] = Object.keys(EDITS);

/**
 * Every bad input of the security page that concerns what exists, against the running program over real sockets; then a
 * grammar's worth of updates and questions; then sockets that misbehave; then a database that goes away.
 */
export async function prove(options: ProveOptions): Promise<ProveResult> {
	let vendors: HostileVendors | undefined;
	const world = await startEdgeWorld({
		seed: options.seed,
		prepare: async ({ db }) => {
			vendors = await addHostileVendors(db);
		},
		edits: options.mutant === undefined ? [] : (EDITS[options.mutant] ?? []),
		env: ({ bots }) => ({
			STAFF: `telegram:${bots[0]?.id}:${STAFF_ID}`,
			PROVIDER_FIRST_BYTE_TIMEOUT_MS: "1500",
			PROVIDER_IDLE_TIMEOUT_MS: "1500",
			PROVIDER_TOTAL_TIMEOUT_MS: "25000",
		}),
	});
	const desk = createDesk(world);
	try {
		return await run(world, desk, options, vendors);
	} finally {
		await desk.close();
		await vendors?.close();
		await world.stop();
	}
}

async function run(
	world: EdgeWorld,
	desk: Desk,
	options: ProveOptions,
	vendors: HostileVendors | undefined,
): Promise<ProveResult> {
	const { seed, mutant } = options;
	// A mutant is caught by a row; what follows is for what no row foresees.
	const isShort = options.isShort || mutant !== undefined;
	const rows = mutant === undefined ? toRows(vendors, isShort) : WEBHOOK_ROWS.filter(({ isSlow }) => !isSlow);
	const failedRows = await runRows(desk, rows);
	if (mutant !== undefined && failedRows.length > 0) return { passed: false, figures: { failedRows } };
	const abused = await runAbuse(desk, isShort);
	const fuzz = await createFuzz(desk);
	const size = isShort ? SHORT : LONG;
	const msMax = (isShort ? SECONDS / 10 : (options.seconds ?? SECONDS)) * 1_000;
	const fuzzed: string[] = [];
	if (!isShort) fuzzed.push(...(await fuzz.run({ seed: seed + 1, ...WARM_UP, msMax: msMax / 2 })));
	await world.settle();
	const before = await world.readMemory();
	fuzzed.push(...(await fuzz.run({ seed, ...size, msMax })));
	await world.settle();
	const after = await world.readMemory();
	const growth = after.heapUsed / before.heapUsed - 1;
	const calm = await readHealth(desk);
	const serverErrors = desk.failures.filter((failure) => !isRefusedByVendors(failure));
	const fault = await runDatabaseFault(desk, isShort);
	const health = await readHealth(desk);
	const missing = isShort ? [] : findMissingRows(rows);
	const unexpected = [
		...listUnexpected(calm, ERRORS_EXPECTED),
		...listUnexpected(health, [...ERRORS_EXPECTED, ...ERRORS_OF_FAULT]),
	];
	const passed =
		[failedRows, abused, fuzzed, serverErrors, fault.failures, missing, unexpected].every(
			(list) => list.length === 0,
		) &&
		isWell(calm) &&
		calm.repeated === 0 &&
		isWell(health) &&
		(isShort || growth < GROWTH_MAX);
	return {
		passed,
		figures: {
			rows: rows.length,
			rowsOfPage: new Set(rows.map(({ row }) => row)).size,
			rowsElsewhere: Object.keys(ROWS_ELSEWHERE).length,
			failedRows,
			missing,
			abuse: SOCKET_ABUSE.length,
			abused,
			fuzz: fuzz.sent,
			fuzzed,
			answers: Object.fromEntries([...desk.statuses].sort(([a], [b]) => a - b)),
			serverErrors: serverErrors.slice(0, 5),
			askedDuringFault: fault.asked,
			faultFailures: fault.failures.slice(0, 5),
			unexpected: unexpected.slice(0, 5),
			heapMb: [toMb(before.heapUsed), toMb(after.heapUsed)],
			growth: Math.round(growth * 1_000) / 1_000,
			calm,
			health,
		},
	};
}

function toRows(vendors: HostileVendors | undefined, isShort: boolean): readonly InputRow[] {
	const rows = [
		...WEBHOOK_ROWS,
		...MESSAGE_ROWS,
		...TEXT_ROWS,
		...CHAT_ROWS,
		...ACCOUNT_ROWS,
		...BOOT_ROWS,
		...(vendors === undefined ? [] : toVendorRows(vendors)),
	];
	return isShort ? rows.filter(({ isSlow, row }, at) => isSlow !== true && isInShort(row, at)) : rows;
}

/** Of the many addresses some; nothing that boots. */
function isInShort(row: number, at: number): boolean {
	return row !== 4 && (row !== 33 || at % 5 === 0);
}

/** Rows of the page nobody has spoken for. */
function findMissingRows(rows: readonly InputRow[]): readonly number[] {
	const known = new Set([...rows.map(({ row }) => row), ...Object.keys(ROWS_ELSEWHERE).map(Number)]);
	return Array.from({ length: ROWS_ON_PAGE }, (_, at) => at + 1).filter((row) => !known.has(row));
}

/** A vendor that is away is told with 503 too; that is no fault of ours. */
function isRefusedByVendors(failure: string): boolean {
	return failure.startsWith("503") && failure.includes("ROUTER_NO_PROVIDER");
}

function isWell({ isReady, isAnswering, isAlive, stray, dead, violations }: HealthReport): boolean {
	return isReady && isAnswering && isAlive && stray === "" && dead === 0 && violations === 0;
}

function listUnexpected({ errorsLogged }: HealthReport, expected: readonly RegExp[]): readonly string[] {
	return Object.keys(errorsLogged).filter((words) => !expected.some((pattern) => pattern.test(words)));
}

function toMb(bytes: number): number {
	return Math.round(bytes / 1e5) / 10;
}
