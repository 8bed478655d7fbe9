import { parseArgs } from "node:util";
import type { Knex } from "knex";
import pg from "pg";
import { createDb } from "../../core/db/connect.ts";
import { createLedger } from "../../core/ledger/create-ledger.ts";
import { countDeadlocks } from "../prove/quota/ledger-totals.ts";
import { countPairs } from "./ledger/count-pairs.ts";
import { createScratchDatabase } from "./scratch-database.ts";

export const usage =
	"ledger [--accounts 10000] [--active 10000] [--journal 0] [--clients 400] [--rounds 3] [--seconds 1.5]";

/** Connections of the raw updates, as many as make them fastest. */
const RAW_CONNECTIONS = 16;
const WARM_UP_MS = 500;
/** Millions of rows take their time; the calls themselves take milliseconds. */
const SEED_TIMEOUT_MS = 900_000;

/**
 * Reserve + settle pairs a second, over many accounts and on a single hot one, beside raw single-row updates of one statement
 * and one commit each on the same server. Variants take turns; medians of the rounds.
 *
 * --accounts N: accounts that exist; --active N: those that are used; --journal N: journal rows that exist before.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
	const options = readOptions(args);
	const scratch = await createScratchDatabase();
	const db = createDb(scratch.url, { poolMax: 6, statementTimeoutMs: SEED_TIMEOUT_MS });
	try {
		await seed(db, options);
		const figures = await measure(db, scratch.url, options);
		const { rows } = await db.raw<{ rows: { version: string }[] }>(
			"select current_setting('server_version') as version",
		);
		return { ...figures, ...options, postgres: rows[0]?.version };
	} finally {
		await db.destroy();
		await scratch.destroy();
	}
}

type Options = ReturnType<typeof readOptions>;

function readOptions(args: readonly string[]) {
	const { values } = parseArgs({
		args: [...args],
		options: {
			accounts: { type: "string", default: "10000" },
			active: { type: "string", default: "10000" },
			journal: { type: "string", default: "0" },
			clients: { type: "string", default: "400" },
			rounds: { type: "string", default: "3" },
			seconds: { type: "string", default: "1.5" },
		},
	});
	const accounts = Number(values.accounts);
	return {
		accounts,
		active: Math.min(accounts, Number(values.active)),
		journal: Number(values.journal),
		clients: Number(values.clients),
		rounds: Number(values.rounds),
		seconds: Number(values.seconds),
	};
}

/** Accounts that were all here yesterday, and of which the active ones came back today. */
async function seed(db: Knex, options: Options): Promise<void> {
	await db.raw("insert into accounts (status) select 'active' from generate_series(1, ?::integer)", [
		options.accounts,
	]);
	await db.raw(
		`insert into ledger_accounts (account_id, zone, daily_grant_micro, day_ends_at)
		select id, 'UTC', 500000000000000, date_trunc('day', now()) from accounts`,
	);
	await db.raw(`
		with opened as (
			insert into ledger_buckets (account_id, kind, starts_at, ends_at, granted_micro)
			select account_id, 'daily', day_ends_at - interval '1 day', day_ends_at, daily_grant_micro from ledger_accounts
			returning id, account_id, granted_micro
		)
		insert into ledger_journal (at, kind, account_id, bucket_id, granted_micro)
		select now(), 'grant', account_id, id, granted_micro from opened
	`);
	if (options.journal > 0) await seedHistory(db, options.journal);
	await db.raw(
		"create table bench_active as select account_id from ledger_accounts order by random() limit ?",
		[options.active],
	);
	await db.raw("select ledger_open_day(account_id, now()) from bench_active");
	await db.raw("create table bench_raw (id integer primary key, n bigint not null) with (fillfactor = 50)");
	await db.raw("insert into bench_raw select i, 0 from generate_series(1, ?::integer) i", [options.active]);
	await db.raw("vacuum analyze");
	await db.raw("checkpoint").catch(() => undefined);
}

/** Yesterday's calls, two journal rows each, voided so that no bucket changes. */
async function seedHistory(db: Knex, journalRows: number): Promise<void> {
	await db.raw(
		`with past as (
			insert into ledger_reservations (id, account_id, bucket_id, state, amount_micro, expires_at, created_at, resolved_at)
			select gen_random_uuid(), b.account_id, b.id, 'voided', 1, now(), now() - interval '1 day', now() - interval '1 day'
			from generate_series(0, ?::integer - 1) i
			join (select min(id) as first, count(*) as many from ledger_buckets) x on true
			join ledger_buckets b on b.id = x.first + i % x.many
			returning id, account_id, bucket_id
		)
		insert into ledger_journal (at, kind, account_id, bucket_id, reservation_id, pending_micro)
		select now() - interval '1 day', k.kind, p.account_id, p.bucket_id, p.id, k.pending
		from past p cross join (values ('pending', 1), ('void', -1)) k (kind, pending)`,
		[Math.trunc(journalRows / 2)],
	);
}

async function measure(db: Knex, url: string, options: Options): Promise<Record<string, unknown>> {
	const ledger = createLedger({ db });
	const { rows } = await db.raw<{ rows: { account_id: string }[] }>("select account_id from bench_active");
	const spread = rows.map((row) => row.account_id);
	const hot = spread.slice(0, 1);
	const raw = await openRaw(url, options.active);
	const variants = {
		pairs: async (ms: number) => toRate(await countPairs(ledger, spread, options.clients, ms)),
		hot: async (ms: number) => toRate(await countPairs(ledger, hot, options.clients, ms)),
		raw: async (ms: number) => await raw.count(ms),
	};
	const results: Record<keyof typeof variants, number[]> = { pairs: [], hot: [], raw: [] };
	for (const count of Object.values(variants)) await count(WARM_UP_MS);
	for (let round = 0; round < options.rounds; round += 1) {
		results.pairs.push(await variants.pairs(options.seconds * 1_000));
		results.hot.push(await variants.hot(options.seconds * 1_000));
		results.raw.push(await variants.raw(options.seconds * 1_000));
	}
	await raw.close();
	const ratios = results.pairs.map((pairs, round) => pairs / (results.raw[round] ?? Number.NaN));
	return {
		pairsPerSecond: Math.round(median(results.pairs)),
		hotPairsPerSecond: Math.round(median(results.hot)),
		rawUpdatesPerSecond: Math.round(median(results.raw)),
		ratio: Math.round(median(ratios) * 100) / 100,
		violations: await countViolations(db),
		deadlocks: await countDeadlocks(db),
	};
}

function toRate({ pairs, seconds }: { readonly pairs: number; readonly seconds: number }): number {
	return pairs / seconds;
}

/** What pgbench would do: prepared single-row updates, each its own transaction. */
async function openRaw(
	url: string,
	rows: number,
): Promise<{ count(ms: number): Promise<number>; close(): Promise<void> }> {
	const clients = Array.from({ length: RAW_CONNECTIONS }, () => new pg.Client({ connectionString: url }));
	await Promise.all(clients.map(async (client) => await client.connect()));
	async function count(ms: number): Promise<number> {
		const startedAt = performance.now();
		const end = startedAt + ms;
		let updates = 0;
		await Promise.all(
			clients.map(async (client) => {
				while (performance.now() < end) {
					const id = 1 + Math.trunc(Math.random() * rows);
					await client.query({
						name: "raw",
						text: "update bench_raw set n = n + 1 where id = $1",
						values: [id],
					});
					updates += 1;
				}
			}),
		);
		return updates / ((performance.now() - startedAt) / 1_000);
	}
	return {
		count,
		close: async () => {
			await Promise.all(clients.map(async (client) => await client.end()));
		},
	};
}

async function countViolations(db: Knex): Promise<number> {
	const { rows } = await db.raw<{ rows: { count: string }[] }>("select count(*) as count from violations");
	return Number(rows[0]?.count);
}

function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[Math.trunc(values.length / 2)] ?? Number.NaN;
}
