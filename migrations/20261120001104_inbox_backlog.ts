import type { Knex } from "knex";

/**
 * After a long outage only the newest p_keep events of a lane are worth an answer: refuses those between the leased head and
 * them, and answers how many; null when the lease is lost.
 */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		create function inbox_refuse_backlog(
			p_lane text, p_token bigint, p_inbox_id bigint, p_keep integer, p_result jsonb, out refused integer
		) language plpgsql as $$
		begin
			perform 1 from lanes l where l.lane = p_lane and l.token = p_token and l.lease_until > clock_timestamp()
				for no key update;
			if not found then return; end if;
			update inbox i set status = 'refused', result = p_result, done_at = clock_timestamp()
				where i.lane = p_lane and i.status = 'ready' and i.id > p_inbox_id
				and i.id < (
					select min(k.id) from (
						select n.id from inbox n where n.lane = p_lane and n.status = 'ready' order by n.id desc limit p_keep
					) k
				);
			get diagnostics refused = row_count;
			update lanes l set waiting = greatest(l.waiting - refused, 0) where l.lane = p_lane;
		end $$`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw("drop function inbox_refuse_backlog(text, bigint, bigint, integer, jsonb)");
}
