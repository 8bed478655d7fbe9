import type { Knex } from "knex";

/** What a turn must know of its account's instance, what an instance's calls are counted as, and where hosts reach our gateway. */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		drop function turn_contexts(text[], text[], text[], text[]);
		${toTurnContexts(", instance_id uuid, instance_host text, instance_generation bigint, instance_phase text", ", n.id, n.host, n.generation, n.phase", INSTANCE)}
		alter table api_keys drop constraint api_keys_source_check, add constraint api_keys_source_check
			check (source in ('chat', 'heartbeat', 'cron', 'sub_agent', 'api', 'instance'));
		alter table usage_log drop constraint usage_log_source_check, add constraint usage_log_source_check
			check (source in ('chat', 'heartbeat', 'cron', 'sub_agent', 'api', 'gateway', 'instance'));
		update api_keys set source = 'instance' where instance_id is not null and source = 'chat';
		-- where cells of a host find our gateway: it is written into their files
		create table instance_hosts (
			host text primary key,
			gateway_url text not null,
			changed_at timestamptz not null default clock_timestamp()
		);
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop table instance_hosts;
		update usage_log set source = 'chat' where source = 'instance';
		update api_keys set source = 'chat' where source = 'instance';
		alter table usage_log drop constraint usage_log_source_check, add constraint usage_log_source_check
			check (source in ('chat', 'heartbeat', 'cron', 'sub_agent', 'api', 'gateway'));
		alter table api_keys drop constraint api_keys_source_check, add constraint api_keys_source_check
			check (source in ('chat', 'heartbeat', 'cron', 'sub_agent', 'api'));
		drop function turn_contexts(text[], text[], text[], text[]);
		${toTurnContexts("", "", "")}
	`);
}

/** One that is to run; a stopped one has nothing to say. */
const INSTANCE = `left join lateral (
	select i.id, i.host, i.generation, i.phase from instances i
	where i.account_id = s.account_id and i.desired = 'running' order by i.slot limit 1
) n on true`;

function toTurnContexts(columns: string, values: string, join: string): string {
	return `
		create function turn_contexts(p_platforms text[], p_bots text[], p_users text[], p_lanes text[])
		returns table (
			place bigint, account_id bigint, display_name text, reachable boolean, is_staff boolean,
			status text, language text, policy text, route_order text[], onboarded boolean, zone text,
			subscription_id bigint, subscription_live boolean, ends_at timestamptz, daily_tokens bigint,
			plan_id text, plan_name text, concurrency integer, priority smallint, busy_strategy text, instance_kind text,
			starts_after_id bigint, agent_id text, agent_skills text[], custom_soul text, dialogues jsonb${columns}
		)
		language plpgsql stable
		set plan_cache_mode = force_generic_plan
		set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
		as $$
		begin
			return query
			select k.place, s.account_id, s.display_name, s.reachable, s.is_staff,
				a.status, a.language, a.policy, a.route_order, a.onboarded_at is not null, coalesce(l.zone_next, l.zone),
				u.id, u.ends_at is null or u.ends_at > now(), u.ends_at, coalesce(u.daily_tokens, p.daily_tokens),
				p.id, p.name, p.concurrency, p.priority, p.busy_strategy, p.instance_kind,
				coalesce(c.starts_after_id, 0), g.agent_id, g.skills, g.custom_soul, d.open${values}
			from unnest(p_platforms, p_bots, p_users, p_lanes) with ordinality k (platform, bot_id, user_id, lane, place)
			join senders s on s.platform = k.platform and s.bot_id = k.bot_id and s.user_id = k.user_id
			left join accounts a on a.id = s.account_id
			left join ledger_accounts l on l.account_id = s.account_id
			left join subscriptions u on u.account_id = s.account_id and u.state = 'active'
			left join plans p on p.id = u.plan_id
			left join account_lanes c on c.lane = k.lane and c.account_id = s.account_id
			left join lateral (
				select x.agent_id, x.skills, x.custom_soul from agent_configs x
				where x.account_id = s.account_id and x.enabled and (c.agent_chosen is not true or x.agent_id = c.agent_id)
				order by x.updated_at desc, x.agent_id limit 1
			) g on true
			left join lateral (
				select jsonb_agg(jsonb_build_object('kind', y.kind, 'state', y.state, 'version', y.version) order by y.kind) as open
				from dialogues y where y.platform = k.platform and y.bot_id = k.bot_id and y.user_id = k.user_id
			) d on true
			${join};
		end $$;`;
}
