import type { Knex } from "knex";
import { createDb } from "../../../core/db/connect.ts";
import { addProvider } from "./add-provider.ts";
import type { AnswerTargetHook, AnswerTargetStart, AnswerTargetUse } from "./answer-target.ts";
import { startChild } from "./child.ts";
import type { Cores } from "./cores.ts";
import { findCpuMs, findMachineMs, findServerPid } from "./cores.ts";
import { round } from "./figures.ts";
import type { TalkCheck, TalkRequest, TalkResult } from "./people.ts";

/** Of the bot everybody writes to. */
export const BENCH_BOT_ID = "7000000002";

export type AnsweringOptions = {
	readonly databaseUrl: string;
	readonly cores: Cores | undefined;
	/** People who write, and what lies between the ids of two of them. */
	readonly chats: number;
	readonly spacing?: number;
	/** Flags of Node for our program. */
	readonly nodeFlags: readonly string[];
};

/** What one stretch of questions came to, and what it cost an answer. */
export type Talk = TalkResult & {
	readonly answeredPerSecond: number;
	/** Share of the time the program's event loop had something to do. */
	readonly programBusy: number;
	readonly programCpuMicros: number;
	readonly serverCpuMicros: number;
	/** Of the people and of the vendor. */
	readonly othersCpuMicros: number;
	/** What the server wrote to its log, and pages it had not in its own memory. */
	readonly walBytes: number;
	readonly pagesRead: number;
	/** Cores that programs which are no part of this kept busy meanwhile. */
	readonly foreignCores: number;
};

/** The whole program in a process of its own, with Telegram, people and a vendor around it. */
export type Answering = {
	/** Newcomers say hello, so many at a time. */
	greet(outstanding: number): Promise<void>;
	talk(request: TalkRequest): Promise<Talk>;
	/**
	 * Ends the program and looks at what is left.
	 *
	 * @throws Error when a question was not answered exactly once, or the ledger disagrees
	 */
	finish(): Promise<Record<string, unknown>>;
	close(): Promise<void>;
};

type Books = {
	readonly done: number;
	readonly undone: number;
	readonly charged: number;
	readonly pending: number;
};

/** Millions of rows take their time. */
const AUDIT_TIMEOUT_MS = 900_000;

/** Starts all of them. What the database holds already is nobody's question here. */
export async function openAnswering(options: AnsweringOptions): Promise<Answering> {
	const { databaseUrl, cores, chats, spacing = 1 } = options;
	const token = `${BENCH_BOT_ID}:AAbench-xxxxxxxxxxxxxxxxxxxxxxxxxxxx`;
	const people = startChild("people");
	const provider = startChild("provider");
	const program = startChild("answer-target", { core: cores?.program, nodeFlags: options.nodeFlags });
	const db = createDb(databaseUrl, { poolMax: 2, statementTimeoutMs: AUDIT_TIMEOUT_MS });
	async function close(): Promise<void> {
		await Promise.all([people.stop(), provider.stop(), program.stop()]);
		await db.destroy();
	}
	try {
		const [{ apiRoot }, { baseUrl }] = await Promise.all([
			people.call<{ apiRoot: string }>("start", { token, chats, spacing }),
			provider.call<{ baseUrl: string }>("start"),
		]);
		await addProvider(db, baseUrl);
		const before = await readBooks(db);
		const target: AnswerTargetStart = { databaseUrl, apiRoot, token };
		await people.call("connect", await program.call<AnswerTargetHook>("start", target));
		const serverPid = (await findServerPid(db)) ?? 0;
		const used = async () => await Promise.all([serverPid, people.pid, provider.pid].map(findCpuMs));
		return {
			greet: async (outstanding) => await people.call("greet", { outstanding }),
			async talk(request) {
				const usedBefore = await used();
				const serverBefore = await readServer(db);
				await program.call("use");
				const machineBefore = await readMachine();
				const talk = await people.call<TalkResult>("talk", request);
				const use = await program.call<AnswerTargetUse>("use");
				const [server = 0, asking = 0, vendor = 0] = (await used()).map(
					(ms, at) => ms - (usedBefore[at] ?? 0),
				);
				const machine = await readMachine();
				const foreignMs = machine.usedMs - machineBefore.usedMs - (use.cpuMs + server + asking + vendor);
				const serverAfter = await readServer(db);
				const perAnswer = (ms: number): number => round((ms * 1_000) / talk.answeredInAll);
				return {
					...talk,
					answeredPerSecond: round(talk.answered / (talk.elapsedMs / 1_000)),
					programBusy: round(use.busy, 2),
					programCpuMicros: perAnswer(use.cpuMs),
					serverCpuMicros: perAnswer(server),
					othersCpuMicros: perAnswer(asking + vendor),
					walBytes: round((serverAfter.wal - serverBefore.wal) / talk.answeredInAll),
					pagesRead: round((serverAfter.read - serverBefore.read) / talk.answeredInAll, 1),
					foreignCores: round(Math.max(0, foreignMs / (machine.atMs - machineBefore.atMs)), 2),
				};
			},
			async finish() {
				const checked = await people.call<TalkCheck>("check");
				await program.stop();
				return await assertAnswered(db, checked, before);
			},
			close,
		};
	} catch (error) {
		await close();
		throw error;
	}
}

/** What everything but this process has used, and when. */
async function readMachine(): Promise<{ readonly usedMs: number; readonly atMs: number }> {
	const { user, system } = process.cpuUsage();
	return { usedMs: (await findMachineMs()) - (user + system) / 1_000, atMs: performance.now() };
}

async function readServer(db: Knex): Promise<{ readonly wal: number; readonly read: number }> {
	const { rows } = await db.raw<{ rows: { wal: number; read: number }[] }>(
		`select (pg_current_wal_lsn() - '0/0')::float8 as wal, blks_read::float8 as read
		from pg_stat_database where datname = current_database()`,
	);
	return rows[0] ?? { wal: Number.NaN, read: Number.NaN };
}

async function readBooks(db: Knex): Promise<Books> {
	const { rows } = await db.raw<{ rows: Books[] }>(
		`select (select count(*) from inbox where status = 'done')::integer as done,
			(select count(*) from inbox where status <> 'done')::integer as undone,
			(select count(*) from usage_log where outcome = 'complete' and charged_micro > 0)::integer as charged,
			(select count(*) from ledger_reservations where state = 'pending')::integer as pending`,
	);
	const [books] = rows;
	if (books === undefined) throw new Error("counts without a row");
	return books;
}

async function assertAnswered(db: Knex, checked: TalkCheck, before: Books): Promise<Record<string, unknown>> {
	const after = await readBooks(db);
	const { rows } = await db.raw<{ rows: { violations: number }[] }>(
		"select count(*)::integer as violations from violations",
	);
	const facts = {
		...checked,
		violations: rows[0]?.violations,
		...after,
		done: after.done - before.done,
		charged: after.charged - before.charged,
	};
	const isRight =
		facts.answeredOnce === facts.asked &&
		facts.orphans === 0 &&
		facts.refusedPosts === 0 &&
		facts.violations === 0 &&
		facts.undone === 0 &&
		facts.pending === 0 &&
		facts.done === facts.asked &&
		facts.charged === facts.asked;
	if (!isRight) throw new Error(`not every question was answered and charged once: ${JSON.stringify(facts)}`);
	return facts;
}
