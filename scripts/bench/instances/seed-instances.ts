import type { Knex } from "knex";

/** Accounts with an instance each that is to run on a host. */
export async function seedInstances(
	db: Knex,
	{ count, host }: { readonly count: number; readonly host: string },
): Promise<void> {
	await db.raw(
		`with made as (
			insert into accounts (language, policy) select 'en', 'BEST' from generate_series(1, ?) returning id
		)
		insert into instances (account_id, name, kind, region, host, release, cpu_millis, memory_bytes, processes_max)
		select id, 'agent-1', 'openclaw', 'home', ?, 'openclaw@2026.9.6', 1000, 2147483648, 512 from made`,
		[count, host],
	);
}

/** Accounts whose plan has an instance of the usual size. @returns their ids */
export async function seedSubscribers(db: Knex, count: number): Promise<readonly string[]> {
	const { rows } = await db.raw<{ rows: { account_id: string }[] }>(
		`with made as (
			insert into accounts (language, policy) select 'en', 'BEST' from generate_series(1, ?) returning id
		)
		insert into subscriptions (account_id, plan_id, source) select id, 'pro_40', 'bench' from made returning account_id`,
		[count],
	);
	return rows.map((row) => row.account_id);
}
