import type { Knex } from "knex";

const TURN_CONTEXTS = "turn_contexts(text[],text[],text[],text[])";
const WAKEFUL = [
	"i.account_id = s.account_id and i.desired = 'running' order by",
	"n.generation, n.phase",
] as const;
const SLEEPING = [
	"i.account_id = s.account_id and (i.desired = 'running' or i.asleep) order by",
	"n.generation, case when n.asleep then 'asleep' else n.phase end",
] as const;
const COLUMNS = [
	"select i.id, i.host, i.generation, i.phase from",
	"select i.id, i.host, i.generation, i.phase, i.asleep from",
] as const;

/** Instances nobody talks to are stopped after a while, as their plan says, and started again by the next message. */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		-- null: never
		alter table plans add column instance_idle_minutes integer check (instance_idle_minutes between 5 and 100000),
			-- between what an instance does unasked; null: nothing
			add column instance_heartbeat_minutes integer check (instance_heartbeat_minutes between 5 and 1440);
		update plans set instance_idle_minutes = 60 where id = 'starter_20';
		update plans set instance_idle_minutes = 720 where id = 'pro_40';
		alter table instances add column used_at timestamptz not null default clock_timestamp(),
			add column asleep boolean not null default false check (not asleep or desired = 'stopped');
	`);
	await rewrite(knex, [[WAKEFUL[0], SLEEPING[0]], [WAKEFUL[1], SLEEPING[1]], COLUMNS]);
}

export async function down(knex: Knex): Promise<void> {
	await rewrite(knex, [
		[SLEEPING[0], WAKEFUL[0]],
		[SLEEPING[1], WAKEFUL[1]],
		[COLUMNS[1], COLUMNS[0]],
	]);
	await knex.raw(`
		alter table instances drop column asleep, drop column used_at;
		alter table plans drop column instance_idle_minutes, drop column instance_heartbeat_minutes;
	`);
}

async function rewrite(knex: Knex, changes: readonly (readonly [string, string])[]): Promise<void> {
	const { rows } = await knex.raw<{ rows: { code: string }[] }>(
		"select pg_get_functiondef(?::regprocedure) as code",
		[TURN_CONTEXTS],
	);
	let code = rows[0]?.code ?? "";
	for (const [from, to] of changes) {
		if (!code.includes(from)) throw new Error(`${TURN_CONTEXTS} is not as it was: no ${from}`);
		code = code.replace(from, () => to);
	}
	await knex.raw(code.replaceAll("?", "\\?"));
}
