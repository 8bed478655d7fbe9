import type { Knex } from "knex";

export async function up(knex: Knex): Promise<void> {
	await knex.raw(`
		-- data keys, one a tenant, wrapped by a key-encryption key that lives in a file, never here
		create table data_keys (
			tenant text primary key,
			kek_id text not null,
			-- 'v1.kid.nonce.ct.tag' of the data key under the key-encryption key
			wrapped text not null,
			created_at timestamptz not null default clock_timestamp()
		);
		-- the one column that holds secrets, each as 'v1.kid.nonce.ct.tag' (AES-256-GCM)
		create table secrets (
			id uuid primary key,
			tenant text not null references data_keys,
			purpose text not null,
			record text not null,
			created_at timestamptz not null default clock_timestamp(),
			updated_at timestamptz not null default clock_timestamp()
		);
	`);
}

export async function down(knex: Knex): Promise<void> {
	await knex.raw(`
		drop table secrets, data_keys;
	`);
}
