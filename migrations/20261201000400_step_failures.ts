import type { Knex } from "knex";

/** Failures of the step a part stands at: one that went on to its next step begins anew. */
const OF_THE_STEP =
	"case when excluded.last_error is null and excluded.state in ('ph_sent', 'sent') then 0 " +
	"else least(o.attempts + (excluded.last_error is not null)::integer, 1000) end";
/** Failures of the part, whatever step they befell. */
const OF_THE_PART = "least(o.attempts + (excluded.last_error is not null)::integer, 1000)";

/**
 * How long a part rests after a failure grows with the failures before it. Where they were of an earlier step, such as a
 * placeholder that an outage kept back, a single lost answer to the next one had its person wait as if the outage went on.
 */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(advance(OF_THE_STEP));
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(advance(OF_THE_PART));
}

/** `inbox_advance` as of 20261120001103, but for what counts as one more failure. */
function advance(attempts: string): string {
	return `
	create or replace function inbox_advance(p_items jsonb, out codes integer[])
	language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
	declare
		v_held integer[] := lanes_held(p_items);
		v_due integer[];
	begin
		insert into outbox as o (inbox_id, part, state, message_id, last_error)
			select x.id, x.part, x.state, x."messageId", x.error
			from jsonb_to_recordset(p_items) x (n integer, id bigint, part smallint, state text, "messageId" text, error text)
			where x.part is not null and x.n = any (v_held)
			on conflict (inbox_id, part) do update set state = excluded.state,
				message_id = coalesce(excluded.message_id, o.message_id),
				last_error = coalesce(excluded.last_error, o.last_error),
				attempts = ${attempts};
		v_due := lanes_release(p_items, v_held);
		select array_agg((x.n = any (v_held))::integer + (x.n = any (v_due))::integer order by x.n) into codes
			from jsonb_to_recordset(p_items) x (n integer);
	end $$`;
}
