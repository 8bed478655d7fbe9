import type { Knex } from "knex";

/** Agents of their own that accounts have, what is wanted of them and what was seen of them last. */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		create table instances (
			id uuid primary key default gen_random_uuid(),
			-- null: it waits for somebody to need one
			account_id bigint references accounts,
			slot smallint not null default 1 check (slot between 1 and 1000),
			name text not null check (name ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9]){0,1}$'),
			kind text not null,
			-- as users know it; nothing of whose machines these are
			region text not null,
			-- which runtime has it, and where it is reached there
			host text not null,
			port integer check (port between 1024 and 65535),
			release text not null,
			cpu_millis integer not null check (cpu_millis between 1 and 1000000),
			memory_bytes bigint not null check (memory_bytes > 0),
			processes_max integer not null check (processes_max > 0),
			generation bigint not null default 1 check (generation > 0),
			config_version bigint not null default 1 check (config_version > 0),
			config_written bigint not null default 0 check (config_written >= 0),
			desired text not null default 'running' check (desired in ('running', 'stopped', 'deleted')),
			-- grows with everything that is wanted of it, so that a look under way does not put it to rest
			wish bigint not null default 1,
			phase text not null default 'none' check (phase in ('none', 'creating', 'starting', 'ready', 'degraded', 'crashloop',
				'stopping', 'stopped', 'failed', 'unknown', 'deleting', 'gone', 'purged')),
			-- what the reconciler remembers
			watch jsonb not null default '{}',
			-- its own key of our gateway, and what its own API asks for; both are ours alone
			key_secret_id uuid references secrets on delete set null,
			token_secret_id uuid references secrets on delete set null,
			deploy_until timestamptz,
			purge_at timestamptz check ((purge_at is null) = (desired <> 'deleted')),
			-- 'infinity': nothing is ever to be done with it again
			next_at timestamptz not null default clock_timestamp(),
			lease_owner uuid,
			lease_token bigint not null default 0,
			lease_until timestamptz not null default '-infinity',
			created_at timestamptz not null default clock_timestamp(),
			changed_at timestamptz not null default clock_timestamp()
		);
		create unique index instances_one_live on instances (account_id, slot)
			where desired <> 'deleted' or phase not in ('gone', 'purged');
		create unique index instances_one_port on instances (host, port) where phase not in ('gone', 'purged');
		create index instances_due on instances (next_at) where phase <> 'purged';
		create index instances_of_account on instances (account_id, created_at desc);
		create table instance_events (
			id bigint generated always as identity primary key,
			instance_id uuid not null references instances on delete cascade,
			at timestamptz not null default clock_timestamp(),
			kind text not null,
			why text
		);
		create index instance_events_of_instance on instance_events (instance_id, id desc);
		-- Lets go of looks that are over: only by whoever still has the lease. What somebody wanted meanwhile counts more than
		-- what a look made of the wish before it: such a look is forgotten, and the next one comes at once. Answers what was recorded.
		create function instances_record(p_looks jsonb, p_now timestamptz) returns setof uuid
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
				insert into instance_events (instance_id, at, kind, why)
				select l.id, p_now, n.note ->> 'kind', n.note ->> 'why'
				from looks l join recorded r on r.id = l.id, jsonb_array_elements(l.notes) with ordinality n (note, place)
				order by n.place
			)
			select id from recorded
		$$;
		-- kind: made, there (the slot has one: that is answered), rate (too many lately), full (the house has no room).
		-- One at a time for the whole house: what is counted stays true until it is made.
		create function instance_create(p_account bigint, p_slot smallint, p_name text, p_kind text, p_region text, p_host text,
			p_release text, p_cpu_millis integer, p_memory_bytes bigint, p_processes_max integer, p_deploy_ms bigint,
			p_hourly_max integer, p_live_max integer, out kind text, out id uuid, out retry_after_ms bigint)
		language plpgsql
		as $$
		declare
			v_now timestamptz;
			v_last timestamptz;
		begin
			perform pg_advisory_xact_lock(7260020);
			v_now := clock_timestamp();
			select i.id into id from instances i
				where i.account_id = p_account and i.slot = p_slot
					and (i.desired <> 'deleted' or i.phase not in ('gone', 'purged'));
			if found then
				kind := 'there';
				return;
			end if;
			-- the oldest of the last ones: once it is an hour old there is room for another
			select i.created_at into v_last from instances i
				where i.account_id = p_account and i.created_at > v_now - interval '1 hour'
				order by i.created_at desc offset p_hourly_max - 1 limit 1;
			if found then
				kind := 'rate';
				retry_after_ms := ceil(extract(epoch from v_last + interval '1 hour' - v_now) * 1000);
				return;
			end if;
			if (select count(*) from instances i where i.desired <> 'deleted' or i.phase not in ('gone', 'purged')) >= p_live_max then
				kind := 'full';
				return;
			end if;
			kind := 'made';
			insert into instances (account_id, slot, name, kind, region, host, release, cpu_millis, memory_bytes, processes_max,
					next_at, deploy_until, created_at)
				values (p_account, p_slot, p_name, p_kind, p_region, p_host, p_release, p_cpu_millis, p_memory_bytes,
					p_processes_max, v_now, v_now + p_deploy_ms * interval '1 millisecond', v_now)
				returning instances.id into id;
		end $$;
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop function instance_create(bigint, smallint, text, text, text, text, text, integer, bigint, integer, bigint, integer,
			integer);
		drop function instances_record(jsonb, timestamptz);
		drop table instance_events;
		drop table instances;
	`);
}
