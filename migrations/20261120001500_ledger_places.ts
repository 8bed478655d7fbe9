import type { Knex } from "knex";

/**
 * What spares the usual call its look-ups in indexes over everybody: an account knows its daily bucket and until when it may
 * have others, a reservation knows where its account's row stood. Hints: whoever uses one checks it, and looks up the keys else.
 */
export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		alter table ledger_accounts
			-- the daily bucket that was opened last
			add column day_bucket_id bigint,
			-- no bucket of another kind ends after this
			add column others_until timestamptz not null default '-infinity';
		-- null: look it up by its id
		alter table ledger_reservations add column account_place tid;
		update ledger_accounts a set others_until = o.until
			from (select account_id, max(ends_at) as until from ledger_buckets where kind <> 'daily' group by account_id) o
			where o.account_id = a.account_id;
		create function ledger_note_other() returns trigger language plpgsql as $$
		begin
			update ledger_accounts set others_until = new.ends_at
				where account_id = new.account_id and others_until < new.ends_at;
			return null;
		end $$;
		create trigger ledger_buckets_other after insert on ledger_buckets
			for each row when (new.kind <> 'daily') execute function ledger_note_other();
		${openDay(", day_bucket_id = v_bucket")}
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		${openDay("")}
		drop trigger ledger_buckets_other on ledger_buckets;
		drop function ledger_note_other();
		alter table ledger_reservations drop column account_place;
		alter table ledger_accounts drop column day_bucket_id, drop column others_until;
	`);
}

/** Opens the daily bucket of p_now when it is due. The caller holds the account's lock. */
function openDay(remember: string): string {
	return `
		create or replace function ledger_open_day(p_account bigint, p_now timestamptz) returns void language plpgsql as $$
		declare
			a ledger_accounts;
			v_day tstzrange;
			v_bucket bigint;
		begin
			select * into strict a from ledger_accounts where account_id = p_account;
			if a.day_ends_at > p_now or a.daily_grant_micro = 0 then
				return;
			end if;
			v_day := ledger_next_day(a.zone, a.zone_next, a.day_ends_at, p_now);
			insert into ledger_buckets (account_id, kind, starts_at, ends_at, granted_micro)
				values (p_account, 'daily', lower(v_day), upper(v_day), a.daily_grant_micro)
				returning id into v_bucket;
			insert into ledger_journal (at, kind, account_id, bucket_id, granted_micro)
				values (p_now, 'grant', p_account, v_bucket, a.daily_grant_micro);
			update ledger_accounts
				set zone = coalesce(a.zone_next, a.zone), zone_next = null, day_ends_at = upper(v_day), withheld_micro = 0${remember}
				where account_id = p_account;
		end $$;
	`;
}
