import type { Knex } from "knex";
import { breakFunction } from "../mutants/break-function.ts";

/** Name of the node whose writes are noted: a setting of each of its database sessions. */
const NODE = "prove.node";

const WATCHED = ["inbox", "outbox", "lanes", "conversation_messages", "usage_log", "dialogues"] as const;

/** What a node has written so far. */
export type Written = {
	/** Rows of the message flow it changed. */
	readonly rows: number;
	/** Fenced writes it tried, and how many of those the database refused. */
	readonly tried: number;
	readonly refused: number;
};

export function toNamedUrl(url: string, name: string): string {
	const named = new URL(url);
	named.searchParams.set("options", `-c ${NODE}=${name}`);
	return named.href;
}

/** Notes what sessions of a named node change, in the very transaction: what is rolled back is not noted. */
export async function watchWrites(db: Knex): Promise<void> {
	await db.raw(`
		create table prove_writes (node text not null, rows integer not null, tried integer not null, refused integer not null);
		create function prove_note_row() returns trigger language plpgsql as $$
		begin
			if current_setting('${NODE}', true) is not null then
				insert into prove_writes values (current_setting('${NODE}'), 1, 0, 0);
			end if;
			return null;
		end $$;
		create function prove_note_fence(p_tried integer, p_held integer[]) returns void language plpgsql as $$
		begin
			if current_setting('${NODE}', true) is not null then
				insert into prove_writes values (current_setting('${NODE}'), 0, p_tried, p_tried - coalesce(cardinality(p_held), 0));
			end if;
		end $$`);
	for (const table of WATCHED) {
		await db.raw(
			`create trigger prove_note after insert or update or delete on ?? for each row execute function prove_note_row()`,
			[table],
		);
	}
	for (const name of ["inbox_advance(jsonb)", "inbox_checkpoint(jsonb)"]) {
		const note = "begin\n\t\tperform prove_note_fence(jsonb_array_length(p_items), v_held);";
		await breakFunction(db, name, "begin\n", `${note}\n`);
	}
}

export async function readWritten(db: Knex, name: string): Promise<Written> {
	const { rows } = await db.raw<{ rows: Written[] }>(
		`select coalesce(sum(rows), 0)::integer as rows, coalesce(sum(tried), 0)::integer as tried,
			coalesce(sum(refused), 0)::integer as refused
		from prove_writes where node = ?`,
		[name],
	);
	return rows[0] ?? { rows: 0, tried: 0, refused: 0 };
}
