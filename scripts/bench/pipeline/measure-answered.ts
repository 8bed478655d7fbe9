import type { Knex } from "knex";
import { createDb } from "../../../core/db/connect.ts";
import type { AnswerTargetHook, AnswerTargetStart, AnswerTargetUse } from "./answer-target.ts";
import { startChild } from "./child.ts";
import type { Cores } from "./cores.ts";
import { findCpuMs, findServerPid } from "./cores.ts";
import { round } from "./figures.ts";
import type { TalkCheck, TalkRequest, TalkResult } from "./people.ts";

export type AnsweredOptions = {
	readonly databaseUrl: string;
	readonly cores: Cores | undefined;
	readonly chats: number;
	readonly seconds: number;
	readonly outstanding: number;
	/** Flags of Node for our program. */
	readonly nodeFlags: readonly string[];
};

const BOT_TOKEN = "7000000002:AAbench-xxxxxxxxxxxxxxxxxxxxxxxxxxxx";
/** Newcomers at a time. */
const GREETING_MAX = 100;
const WARM_UP_MS = 1_500;

/**
 * Questions a second that are answered by the whole program in one process: webhook, worker, pipeline, ledger, model call,
 * placeholder and final edit, counted where the edit arrives.
 *
 * @throws Error when a question was not answered exactly once, or the ledger disagrees
 */
export async function measureAnswered(options: AnsweredOptions): Promise<Record<string, unknown>> {
	const { databaseUrl, cores, chats, seconds, outstanding } = options;
	const people = startChild("people");
	const provider = startChild("provider");
	const program = startChild("answer-target", { core: cores?.program, nodeFlags: options.nodeFlags });
	const db = createDb(databaseUrl, { poolMax: 2 });
	try {
		const [{ apiRoot }, { baseUrl }] = await Promise.all([
			people.call<{ apiRoot: string }>("start", { token: BOT_TOKEN, chats }),
			provider.call<{ baseUrl: string }>("start"),
		]);
		await addProvider(db, baseUrl);
		const target: AnswerTargetStart = { databaseUrl, apiRoot, token: BOT_TOKEN };
		await people.call("connect", await program.call<AnswerTargetHook>("start", target));
		await people.call("greet", { outstanding: GREETING_MAX });
		await people.call("talk", { ms: WARM_UP_MS, outstanding } satisfies TalkRequest);

		const serverPid = (await findServerPid(db)) ?? 0;
		const used = async () => await Promise.all([serverPid, people.pid, provider.pid].map(findCpuMs));
		const before = await used();
		await program.call("use");
		const talk = await people.call<TalkResult>("talk", {
			ms: seconds * 1_000,
			outstanding,
		} satisfies TalkRequest);
		const use = await program.call<AnswerTargetUse>("use");
		const [serverCpuMs = 0, peopleCpuMs = 0, providerCpuMs = 0] = (await used()).map(
			(ms, at) => ms - (before[at] ?? 0),
		);

		const checked = await people.call<TalkCheck>("check");
		await program.stop();
		return {
			answeredPerSecond: round(talk.answered / (talk.elapsedMs / 1_000)),
			answeredP50Ms: talk.p50Ms,
			answeredP99Ms: talk.p99Ms,
			answeredEachSecond: talk.perSecond,
			chats,
			outstanding,
			...(talk.isOutOfQuestions && { isOutOfQuestions: true }),
			programBusy: round(use.busy, 2),
			answeredCpuMicros: round((use.cpuMs * 1_000) / talk.answered),
			answeredServerCpuMicros: round((serverCpuMs * 1_000) / talk.answered),
			answeredOthersCpuMicros: round(((peopleCpuMs + providerCpuMs) * 1_000) / talk.answered),
			...(await assertAnswered(db, checked)),
		};
	} finally {
		await Promise.all([people.stop(), provider.stop(), program.stop()]);
		await db.destroy();
	}
}

/** A vendor without limits of its own, as an admin would add one. */
export async function addProvider(db: Knex, baseUrl: string): Promise<void> {
	await db.raw(
		`insert into providers (id, dialect, base_url, region, allow_private_network, requests_per_minute, tokens_per_minute, concurrency)
		values ('bench', 'openai', ?, 'local', true, 100000000, 2000000000, 1000)`,
		[baseUrl],
	);
	await db.raw(
		`insert into provider_models (provider_id, model, quality, price_input_micro, price_output_micro, context_tokens, output_tokens_max)
		values ('bench', 'instant', 90, 0, 0, 100000, 4096)`,
	);
}

async function assertAnswered(db: Knex, checked: TalkCheck): Promise<Record<string, unknown>> {
	const { rows } = await db.raw<{
		rows: { violations: number; done: number; undone: number; charged: number; pending: number }[];
	}>(
		`select (select count(*) from violations)::integer as violations,
			(select count(*) from inbox where status = 'done')::integer as done,
			(select count(*) from inbox where status <> 'done')::integer as undone,
			(select count(*) from usage_log where outcome = 'complete' and charged_micro > 0)::integer as charged,
			(select count(*) from ledger_reservations where state = 'pending')::integer as pending`,
	);
	const [row] = rows;
	const facts = { ...checked, ...row };
	const isRight =
		checked.answeredOnce === checked.asked &&
		checked.orphans === 0 &&
		checked.refusedPosts === 0 &&
		row?.violations === 0 &&
		row.undone === 0 &&
		row.pending === 0 &&
		row.done === checked.asked &&
		row.charged === checked.asked;
	if (!isRight) throw new Error(`not every question was answered and charged once: ${JSON.stringify(facts)}`);
	return facts;
}
