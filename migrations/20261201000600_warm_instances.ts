import type { Knex } from "knex";

/** Instances that are up before anybody needs one: nobody's, with a key that is nobody's yet and opens nothing. */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		alter table api_keys alter column account_id drop not null,
			add constraint api_keys_somebodys check (account_id is not null or instance_id is not null);
		create index instances_nobodys on instances (host, created_at) where account_id is null and desired <> 'deleted';
		${create(ASSIGN)}
		-- Has as many made for nobody as are missing, as far as the house has room. Answers how many.
		create function instances_refill(p_size integer, p_live_max integer, p_deploy_ms bigint, p_kind text, p_region text,
			p_host text, p_release text, p_cpu_millis integer, p_memory_bytes bigint, p_processes_max integer) returns integer
		language plpgsql
		as $$
		declare
			v_now timestamptz;
			v_missing integer;
			v_live integer;
		begin
			perform pg_advisory_xact_lock(7260020);
			v_now := clock_timestamp();
			select p_size - count(*) into v_missing from instances i
				where i.account_id is null and i.host = p_host and i.desired <> 'deleted';
			select count(*) into v_live from instances i
				where i.desired <> 'deleted' or i.phase not in ('gone', 'purged');
			v_missing := least(v_missing, p_live_max - v_live);
			insert into instances (name, kind, region, host, release, cpu_millis, memory_bytes, processes_max, next_at,
					deploy_until, created_at)
				select 'agent-1', p_kind, p_region, p_host, p_release, p_cpu_millis, p_memory_bytes, p_processes_max, v_now,
					v_now + p_deploy_ms * interval '1 millisecond', v_now
				from generate_series(1, v_missing);
			return greatest(v_missing, 0);
		end $$;
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop function instances_refill(integer, integer, bigint, text, text, text, text, integer, bigint, integer);
		${create("")}
		drop index instances_nobodys;
		delete from api_keys where account_id is null;
		alter table api_keys drop constraint api_keys_somebodys, alter column account_id set not null;
	`);
}

/**
 * One of those that wait becomes the account's, and so does its key; its files are still to be written. What was made of it as
 * nobody's by a look under way is forgotten, because more is wanted of it now.
 */
const ASSIGN = `
			update instances w set account_id = p_account, slot = p_slot, name = p_name, created_at = v_now, changed_at = v_now,
				config_version = w.config_version + 1, wish = w.wish + 1, next_at = v_now,
				deploy_until = v_now + p_deploy_ms * interval '1 millisecond'
			where w.id = (
				select i.id from instances i
				where i.account_id is null and i.desired = 'running' and i.phase = 'ready' and i.region = p_region
					and i.host = p_host and i.kind = p_kind and i.release = p_release and i.cpu_millis = p_cpu_millis
					and i.memory_bytes = p_memory_bytes and i.processes_max = p_processes_max
				order by i.created_at limit 1 for update
			)
			returning w.id into id;
			if found then
				update api_keys k set account_id = p_account where k.instance_id = instance_create.id::text and k.revoked_at is null;
				kind := 'made';
				return;
			end if;`;

/** \`instance_create\` as of 20261201000200, with what comes before one is made anew: it takes no room the house has not given already. */
function create(assign: string): string {
	return `
		create or replace function instance_create(p_account bigint, p_slot smallint, p_name text, p_kind text, p_region text,
			p_host text, p_release text, p_cpu_millis integer, p_memory_bytes bigint, p_processes_max integer, p_deploy_ms bigint,
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
			${assign}
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
		end $$;`;
}
