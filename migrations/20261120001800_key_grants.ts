import type { Knex } from "knex";

/**
 * What a key may do besides opening its account, the account's preset of models, and who may name a model. One function reads
 * all of it for many keys at once; its settings keep it on index look-ups whatever the statistics say at the time.
 */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		alter table api_keys
			-- the owner's own name for it
			add column label text check (length(label) between 1 and 60),
			-- made for an instance; those of people and programs have none
			add column instance_id text,
			-- what calls with it are, unless they say otherwise and may
			add column source text not null default 'api' check (source in ('chat', 'heartbeat', 'cron', 'sub_agent', 'api')),
			add column may_name_source boolean not null default false,
			-- null: all of the plan
			add column tiers text[] check (
				cardinality(tiers) > 0
				and tiers <@ array['auto', 'smart', 'economy', 'china-ready', 'opus', 'sonnet', 'haiku', 'exact']),
			-- null: from anywhere
			add column networks cidr[] check (cardinality(networks) between 1 and 50),
			-- a day of the account; null: what the account has
			add column daily_cap_micro bigint check (daily_cap_micro between 0 and 1000000000000000),
			-- an hour, of calls nobody asked for (heartbeat, cron)
			add column idle_cap_micro bigint check (idle_cap_micro between 0 and 1000000000000000),
			add column expires_at timestamptz,
			-- to the hour
			add column last_used_at timestamptz;
		alter table accounts add column model_preset text check (model_preset in ('glm47', 'flash', 'qwen'));
		alter table plans add column may_name_model boolean not null default false;
		update plans set may_name_model = true where id in ('max_200', 'team', 'enterprise');
		-- gateway: of rows from before programs and instances were told apart
		alter table usage_log drop constraint usage_log_source_check, add constraint usage_log_source_check
			check (source in ('chat', 'heartbeat', 'cron', 'sub_agent', 'api', 'gateway'));
		create function key_grants(p_hashes bytea[])
		returns table (
			place bigint, key_id text, account_id bigint, instance_id text, source text, may_name_source boolean, tiers text[],
			networks text[], daily_cap_micro bigint, idle_cap_micro bigint, expires_at timestamptz, expires_in_ms float8,
			was_unused boolean, policy text, route_order text[], model_preset text, plan_id text, priority smallint,
			concurrency integer, busy_strategy text, may_name_model boolean
		)
		language plpgsql stable
		set plan_cache_mode = force_generic_plan
		set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
		as $$
		begin
			return query
			select h.place, k.id, k.account_id, k.instance_id, k.source, k.may_name_source, k.tiers,
				k.networks::text[], k.daily_cap_micro, k.idle_cap_micro, k.expires_at,
				extract(epoch from k.expires_at - now())::float8 * 1000,
				coalesce(k.last_used_at < now() - interval '1 hour', true),
				a.policy, a.route_order, a.model_preset, p.id, p.priority, p.concurrency, p.busy_strategy,
				coalesce(p.may_name_model, false)
			from unnest(p_hashes) with ordinality h (hash, place)
			join api_keys k on k.hash = h.hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
			join accounts a on a.id = k.account_id and a.status = 'active'
			left join subscriptions u on u.account_id = k.account_id and u.state = 'active'
				and (u.ends_at is null or u.ends_at > now())
			left join plans p on p.id = u.plan_id;
		end $$;
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop function key_grants(bytea[]);
		update usage_log set source = 'gateway' where source = 'api';
		alter table usage_log drop constraint usage_log_source_check, add constraint usage_log_source_check
			check (source in ('chat', 'gateway', 'heartbeat', 'cron', 'sub_agent'));
		alter table plans drop column may_name_model;
		alter table accounts drop column model_preset;
		alter table api_keys drop column label, drop column instance_id, drop column source, drop column may_name_source,
			drop column tiers, drop column networks, drop column daily_cap_micro, drop column idle_cap_micro,
			drop column expires_at, drop column last_used_at;
	`);
}
