import type { Knex } from "knex";

/** What lanes and inbox need beyond their first shape: exact queue lengths, pacing, and how a row ends. */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		-- every message updates its rows three or four times within a second: leave room for that beside them (HOT updates)
		alter table lanes set (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);
		alter table inbox set (fillfactor = 70);
		alter table outbox set (fillfactor = 60);

		alter table lanes
			-- a lane that was removed and comes back must not repeat a token some sleeping node still holds
			alter column token set default (extract(epoch from clock_timestamp()) * 1000)::bigint,
			-- rows of this lane with status 'ready'; kept exactly, under the lane's row lock
			add column waiting integer not null default 0,
			-- when the sender was last told that the lane is full; null again once the lane is empty
			add column overflow_at timestamptz,
			-- theoretical arrival time of the pacing rule (GCRA): how far this chat's messages are ahead of its allowance
			add column paced_until timestamptz not null default '-infinity';
		update lanes l set waiting = n.waiting
			from (select lane, count(*) as waiting from inbox where status = 'ready' group by lane) n where n.lane = l.lane;

		alter table inbox
			-- the status the row gets once its answer is delivered
			add column ends_as text not null default 'done' check (ends_as in ('done', 'dead', 'refused'));
		-- rows arrive in the order of time: a block range index costs nothing at insert
		drop index inbox_old;
		create index inbox_old on inbox using brin (received_at);
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop index inbox_old;
		create index inbox_old on inbox (received_at);
		alter table inbox drop column ends_as;
		alter table lanes drop column waiting, drop column overflow_at, drop column paced_until,
			alter column token set default 0;
		alter table lanes reset (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
		alter table inbox reset (fillfactor);
		alter table outbox reset (fillfactor);
	`);
}
