import type { Knex } from "knex";

/** Requests with an Idempotency-Key: one is executed, the others get its answer. */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		create table gateway_requests (
			key_id text not null references api_keys on delete cascade,
			-- SHA-256 of the caller's own key
			idempotency_hash bytea not null,
			account_id bigint not null references accounts,
			-- SHA-256 of what was asked
			body_hash bytea not null,
			state text not null default 'running' check (state in ('running', 'done')),
			-- who executes it
			token uuid not null,
			status smallint check (status between 100 and 599),
			content_type text,
			-- null: too large to be kept
			answer bytea check (octet_length(answer) <= 1048576),
			created_at timestamptz not null default clock_timestamp(),
			-- running: its node is dead then; done: it is forgotten then
			expires_at timestamptz not null,
			primary key (key_id, idempotency_hash),
			check ((state = 'done') = (status is not null))
		);
		create index gateway_requests_account on gateway_requests (account_id);
		create index gateway_requests_expired on gateway_requests (expires_at);
		-- kind: new (execute it with p_token), running, done (with the answer), conflict (the key was used for something else).
		create function gateway_request_begin(p_key text, p_idempotency bytea, p_account bigint, p_body bytea, p_token uuid,
			p_running_ms bigint, out kind text, out status smallint, out content_type text, out answer bytea)
		language plpgsql
		as $$
		declare
			r gateway_requests;
			v_expires_at timestamptz := ledger_now() + p_running_ms * interval '1 millisecond';
		begin
			loop
				insert into gateway_requests (key_id, idempotency_hash, account_id, body_hash, token, expires_at)
					values (p_key, p_idempotency, p_account, p_body, p_token, v_expires_at) on conflict do nothing;
				if found then
					kind := 'new';
					return;
				end if;
				select * into r from gateway_requests g where g.key_id = p_key and g.idempotency_hash = p_idempotency for update;
				-- else it was forgotten in between
				exit when found;
			end loop;
			if r.expires_at <= ledger_now() then
				update gateway_requests g set body_hash = p_body, token = p_token, state = 'running', status = null,
						content_type = null, answer = null, created_at = clock_timestamp(), expires_at = v_expires_at
					where g.key_id = p_key and g.idempotency_hash = p_idempotency;
				kind := 'new';
			elsif r.body_hash <> p_body then
				kind := 'conflict';
			elsif r.state = 'running' and r.token = p_token then
				-- the same statement once more, after its answer was lost
				kind := 'new';
			else
				kind := r.state;
				status := r.status;
				content_type := r.content_type;
				answer := r.answer;
			end if;
		end $$;
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop function gateway_request_begin(text, bytea, bigint, bytea, uuid, bigint);
		drop table gateway_requests;
	`);
}
