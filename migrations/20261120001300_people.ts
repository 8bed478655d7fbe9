import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		-- hints shown to a sender without an account on hint_day (UTC); three a day, then silence
		alter table senders add column hint_day date, add column hints smallint not null default 0;
		-- what is remembered of somebody who left: a keyed hash, so that leaving and coming back is no second grant and no way out of a ban
		create table sender_tombstones (
			-- HMAC-SHA256 of platform, bot and user under the pepper
			sender_hash bytea primary key,
			no_grant_until timestamptz not null default '-infinity',
			banned boolean not null default false,
			expires_at timestamptz not null
		);
		create index sender_tombstones_expiry on sender_tombstones (expires_at);

		alter table bind_codes
			-- the same code in its long form, for a deep link
			add column link_hash bytea unique,
			-- tokens a day for plans that leave the figure to the issuer
			add column daily_tokens bigint check (daily_tokens between 1 and 1000000000),
			-- the turn that used it: a turn repeated after a crash finds its own success
			add column used_in text;
		create index bind_attempts_at on bind_attempts (at);
		-- the turn that issued it: a turn repeated after a crash replaces the key nobody saw
		alter table api_keys add column issued_in text;

		-- history belongs to the lane and the account that asked: nobody reads what another account said in the same chat
		alter table conversation_messages add column account_id bigint references accounts;
		update conversation_messages m set account_id = c.account_id from conversations c where c.lane = m.lane;
		alter table conversation_messages alter column account_id set not null;
		drop index conversation_messages_lane;
		create index conversation_messages_history on conversation_messages (lane, account_id, id desc);
		create index conversation_messages_account on conversation_messages (account_id);
		-- what an account has set for one lane
		create table account_lanes (
			lane text not null,
			account_id bigint not null references accounts,
			-- messages up to this id are forgotten (/new)
			starts_after_id bigint not null default 0,
			-- false: the agent configured last answers; true: agent_id does, and where that is null the plain assistant
			agent_chosen boolean not null default false,
			agent_id text references agents,
			primary key (lane, account_id)
		);
		create index account_lanes_account on account_lanes (account_id);
		-- the last turns of a lane, for /retry and /last
		create index inbox_lane_finished on inbox (lane, id desc) where status <> 'ready';
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop index inbox_lane_finished;
		drop table account_lanes;
		drop index conversation_messages_account, conversation_messages_history;
		create index conversation_messages_lane on conversation_messages (lane, id desc);
		alter table conversation_messages drop column account_id;
		alter table api_keys drop column issued_in;
		drop index bind_attempts_at;
		alter table bind_codes drop column link_hash, drop column daily_tokens, drop column used_in;
		drop table sender_tombstones;
		alter table senders drop column hint_day, drop column hints;
	`);
}
