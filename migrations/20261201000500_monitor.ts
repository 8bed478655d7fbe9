import type { Knex } from "knex";

/** What instances used and how they did, over time; and what somebody should hear of. */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		create table instance_samples (
			instance_id uuid not null references instances on delete cascade,
			-- seconds one row stands for: as it was taken, and gathered twice
			step_s integer not null check (step_s in (15, 300, 3600)),
			at timestamptz not null,
			-- of how many looks it is made, and at how many of them all of it worked
			looks integer not null default 0 check (looks >= 0),
			ready_looks integer not null default 0 check (ready_looks between 0 and looks),
			-- means and highest of those looks at which it ran; null: at none
			cpu_millis integer,
			cpu_millis_max integer,
			memory_bytes bigint,
			memory_bytes_max bigint,
			-- messages that went through it, how many of them came to nothing, and threads that talked within the last minutes
			turns integer not null default 0,
			turns_failed integer not null default 0 check (turns_failed between 0 and turns),
			sessions integer not null default 0,
			primary key (instance_id, step_s, at)
		);
		create index instance_samples_by_age on instance_samples (step_s, at);
		-- one node looks at all instances of a host at a time
		alter table instance_hosts add column sampled_at timestamptz not null default '-infinity';

		create table alerts (
			id bigint generated always as identity primary key,
			kind text not null,
			instance_id uuid references instances on delete cascade,
			-- the event that caused it, where one did
			event_id bigint unique,
			-- what was measured, in the unit of its kind
			figure double precision,
			opened_at timestamptz not null default clock_timestamp(),
			closed_at timestamptz,
			chats_told_at timestamptz,
			hook_told_at timestamptz,
			hook_attempts integer not null default 0,
			hook_next_at timestamptz not null default '-infinity'
		);
		create unique index alerts_one_open on alerts (instance_id, kind) where closed_at is null and event_id is null;
		create index alerts_to_chats on alerts (id) where chats_told_at is null;
		create index alerts_to_hook on alerts (hook_next_at) where hook_told_at is null;

		-- null: those it concerns have not been told
		alter table instance_events add column told_at timestamptz,
			-- it happened while the instance was being deployed: somebody watches that and is told there
			add column in_deploy boolean not null default false;
		update instance_events set told_at = at;
		create index instance_events_untold on instance_events (id)
			where told_at is null and kind in ('failed', 'crashloop', 'name-taken');
		${record({ column: ", in_deploy", value: ", i.deploy_until is not null", join: "join instances i on i.id = l.id" })}
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		${record({ column: "", value: "", join: "" })}
		alter table instance_events drop column told_at, drop column in_deploy;
		drop table alerts;
		alter table instance_hosts drop column sampled_at;
		drop table instance_samples;
	`);
}

/**
 * `instances_record` as of 20261201000200. What happened is told with whether it did so during a deployment: as a part of one
 * statement it sees the rows as they were before.
 */
function record({ column, value, join }: Readonly<Record<"column" | "value" | "join", string>>): string {
	return `
		create or replace function instances_record(p_looks jsonb, p_now timestamptz) returns setof uuid
		language sql
		as $$
			with looks as (
				select * from jsonb_to_recordset(p_looks) x (id uuid, token bigint, wish bigint, phase text, watch jsonb,
					generation bigint, "configWritten" bigint, "isDeployed" boolean, "nextAtMs" double precision, notes jsonb)
			), forgotten as (
				update instances i set next_at = p_now, lease_owner = null, lease_until = '-infinity'
				from looks l
				where i.id = l.id and i.lease_token = l.token and i.wish <> l.wish
			), recorded as (
				update instances i
				set phase = l.phase, watch = l.watch, generation = l.generation, config_written = l."configWritten",
					deploy_until = case when l."isDeployed" then null else i.deploy_until end,
					next_at = coalesce(to_timestamp(l."nextAtMs" / 1000), 'infinity'),
					lease_owner = null, lease_until = '-infinity', changed_at = p_now
				from looks l
				where i.id = l.id and i.lease_token = l.token and i.wish = l.wish
				returning i.id
			), told as (
				insert into instance_events (instance_id, at, kind, why${column})
				select l.id, p_now, n.note ->> 'kind', n.note ->> 'why'${value}
				from looks l join recorded r on r.id = l.id ${join}
					cross join jsonb_array_elements(l.notes) with ordinality n (note, place)
				order by n.place
			)
			select id from recorded
		$$;`;
}
