import type { Knex } from "knex";

/** From now on nothing that is like `pattern` can be remembered, so the turn that wants to fails at its checkpoint. */
export async function failOn(db: Knex, pattern: string): Promise<void> {
	await db.raw(`
		create or replace function poison() returns trigger language plpgsql as $$
		begin
			if new.content like '${pattern}' then raise exception 'poison'; end if;
			return new;
		end $$`);
	await db.raw(
		"create trigger poison before insert on conversation_messages for each row execute function poison()",
	);
}

/** Lets resting lanes be due at once, as time would, until `done`. */
export async function passTimeUntil(db: Knex, done: Promise<unknown>): Promise<void> {
	let isDone = false;
	const ended = done.finally(() => {
		isDone = true;
	});
	while (!isDone) {
		await db.raw(
			"update lanes set next_at = clock_timestamp() where next_at > clock_timestamp() and owner is null",
		);
		await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 20))]);
	}
	await ended;
}

/** While `during` runs, the database stores nothing that comes in. */
export async function withoutAccept(db: Knex, during: () => Promise<void>): Promise<void> {
	await db.raw("alter table inbox add constraint full_up check (false) not valid");
	try {
		await during();
	} finally {
		await db.raw("alter table inbox drop constraint full_up");
	}
}
